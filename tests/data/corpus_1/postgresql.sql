-- The tables as aligner 0.1.0 made them.

CREATE TABLE corpus_schema (
    version INTEGER NOT NULL
);

CREATE TABLE documents (
    id SERIAL NOT NULL,
    digest VARCHAR(64) NOT NULL,
    lang VARCHAR(35) NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest, lang)
);

COMMENT ON COLUMN documents.digest IS 'SHA-256 of the text';

COMMENT ON COLUMN documents.lang IS 'mul for a page that holds both languages';

COMMENT ON COLUMN documents.name IS 'under which the document came first';

CREATE TABLE units (
    id VARCHAR(32) NOT NULL,
    source_lang VARCHAR(35) NOT NULL,
    target_lang VARCHAR(35) NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON COLUMN units.id IS 'TranslationUnit.id';

CREATE TABLE alignments (
    id SERIAL NOT NULL,
    source_document INTEGER NOT NULL,
    target_document INTEGER NOT NULL,
    source_lang VARCHAR(35) NOT NULL,
    target_lang VARCHAR(35) NOT NULL,
    encoder TEXT NOT NULL,
    revision TEXT NOT NULL,
    weights TEXT NOT NULL,
    version TEXT NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (source_document, target_document, source_lang, target_lang),
    FOREIGN KEY(source_document) REFERENCES documents (id),
    FOREIGN KEY(target_document) REFERENCES documents (id)
);

COMMENT ON COLUMN alignments.at IS 'UTC, ISO 8601';

CREATE TABLE decisions (
    id SERIAL NOT NULL,
    unit VARCHAR(32) NOT NULL,
    status VARCHAR(16) NOT NULL,
    reviewer TEXT NOT NULL,
    at VARCHAR(32) NOT NULL,
    reason TEXT NOT NULL,
    tool TEXT NOT NULL,
    source_document INTEGER,
    target_document INTEGER,
    source_spans TEXT,
    target_spans TEXT,
    PRIMARY KEY (id),
    CONSTRAINT known_status CHECK (status IN ('unreviewed', 'accepted', 'rejected', 'flagged')),
    FOREIGN KEY(unit) REFERENCES units (id),
    FOREIGN KEY(source_document) REFERENCES documents (id),
    FOREIGN KEY(target_document) REFERENCES documents (id)
);

CREATE INDEX decisions_of_unit ON decisions (unit, id);

COMMENT ON COLUMN decisions.at IS 'UTC, ISO 8601';

CREATE FUNCTION decisions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'decisions are append-only'; END $$;

CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
           FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse_change();

CREATE TABLE occurrences (
    alignment INTEGER NOT NULL,
    position INTEGER NOT NULL,
    unit VARCHAR(32),
    probability DOUBLE PRECISION NOT NULL,
    cosine DOUBLE PRECISION,
    source_segments TEXT NOT NULL,
    target_segments TEXT NOT NULL,
    source_spans TEXT NOT NULL,
    target_spans TEXT NOT NULL,
    PRIMARY KEY (alignment, position),
    FOREIGN KEY(alignment) REFERENCES alignments (id),
    FOREIGN KEY(unit) REFERENCES units (id)
);

CREATE INDEX occurrences_of_unit ON occurrences (unit, alignment, position);

COMMENT ON COLUMN occurrences.position IS 'of the bead in its alignment';

COMMENT ON COLUMN occurrences.unit IS 'null for a segment that has no counterpart';

COMMENT ON COLUMN occurrences.source_spans IS '[[start, end], …] in code points of the document''s text';
