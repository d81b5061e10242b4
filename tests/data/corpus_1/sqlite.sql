-- The tables as aligner 0.1.0 made them.

CREATE TABLE corpus_schema (
    version INTEGER NOT NULL
);

CREATE TABLE documents (
    id INTEGER NOT NULL,
    digest VARCHAR(64) NOT NULL,
    lang VARCHAR(35) NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest, lang)
);

CREATE TABLE units (
    id VARCHAR(32) NOT NULL,
    source_lang VARCHAR(35) NOT NULL,
    target_lang VARCHAR(35) NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE TABLE alignments (
    id INTEGER NOT NULL,
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

CREATE TABLE decisions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
    CONSTRAINT known_status CHECK (status IN ('unreviewed', 'accepted', 'rejected', 'flagged')),
    FOREIGN KEY(unit) REFERENCES units (id),
    FOREIGN KEY(source_document) REFERENCES documents (id),
    FOREIGN KEY(target_document) REFERENCES documents (id)
);

CREATE INDEX decisions_of_unit ON decisions (unit, id);

CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TABLE occurrences (
    alignment INTEGER NOT NULL,
    position INTEGER NOT NULL,
    unit VARCHAR(32),
    probability DOUBLE NOT NULL,
    cosine DOUBLE,
    source_segments TEXT NOT NULL,
    target_segments TEXT NOT NULL,
    source_spans TEXT NOT NULL,
    target_spans TEXT NOT NULL,
    PRIMARY KEY (alignment, position),
    FOREIGN KEY(alignment) REFERENCES alignments (id),
    FOREIGN KEY(unit) REFERENCES units (id)
) WITHOUT ROWID;

CREATE INDEX occurrences_of_unit ON occurrences (unit, alignment, position);
