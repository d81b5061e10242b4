"""Adding many alignments at once makes the corpus that adding them one by one makes, by few statements."""

import dataclasses

import pytest
from databases import rows
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from test_corpus import BEADS, PROVENANCE, align
from toys import ToySettings

from aligner.batch.stages import Aligning, hand_over, taken
from aligner.corpus import Corpus
from aligner.corpus.found import found
from aligner.corpus.together import TOGETHER
from aligner.errors import CorpusError
from aligner.types import Alignment, Bead, Document

HELD = (
    """SELECT s.name, t.name, s.lang, t.lang, s.text, t.text, a.source_lang, a.target_lang, a.weights, a.superseded_by IS NULL,
    o.position, o.unit, o.probability, o.cosine, o.source_segments, o.target_segments, o.source_spans, o.target_spans, o.action, o.was
    FROM alignments a JOIN documents s ON s.id = a.source_document JOIN documents t ON t.id = a.target_document
    LEFT JOIN occurrences o ON o.alignment = a.id""",
    "SELECT * FROM units",
    "SELECT * FROM annotations",
)


def held(corpus):
    with corpus.reading() as connection:
        return [sorted((tuple(row) for row in connection.exec_driver_sql(query)), key=str) for query in HELD]


def at_once(corpus, alignments):
    """What each add changed, and the numbers that are none."""
    added = {}
    bad = [number for number, _ in corpus.add_all([found(one, 0.0) for one in alignments], then=lambda _, some: added.update(some))]
    return [added[number] for number in sorted(added)], bad


@st.composite
def some_alignments(draw):
    """Alignments of which some have texts, names or units in common, or are the same; pages among them."""
    sentences = st.sampled_from(["Oui.", "Non.", "Il reste 14 places.", "", "…"])
    alignments = []
    for _ in range(draw(st.integers(1, 8))):
        source, target = (draw(st.lists(sentences, min_size=1, max_size=3)) for _ in range(2))
        beads = [Bead((k,), (k,), draw(st.sampled_from([0.5, 0.9])), 0.8) for k in range(min(len(source), len(target)))]
        beads += [Bead((k,), (), 0.5) for k in range(len(beads), len(source))]
        if draw(st.booleans()):
            page = Document.of_segments([*source, *target], draw(st.sampled_from(["", "a", "b"])))
            beads = [Bead(bead.source, (len(source) + bead.target[0],), bead.probability, 0.8) for bead in beads if bead.target]
            alignments.append(Alignment(page, page, tuple(beads), "fr", "en", PROVENANCE))
        else:
            alignments.append(align(source, target, beads, name=draw(st.sampled_from(["a", "b", "c"]))))
    return alignments


@settings(deadline=None, max_examples=60)
@given(some_alignments(), some_alignments())
def test_many_at_once_make_what_they_make_one_by_one(first, second):
    with Corpus("sqlite://") as together, Corpus("sqlite://") as one_by_one:
        for some in (first, second):
            assert at_once(together, some) == ([one_by_one.add(one) for one in some], [])
            assert held(together) == held(one_by_one)


def many(documents, beads=4):
    """Alignments that have a unit in common."""
    sides = [[[f"{word} {k} of {number}." for k in range(beads)] + ["14."] for number in range(documents)] for word in ("Phrase", "Line")]
    links = [Bead((k,), (k,), 0.9, 0.8) for k in range(beads + 1)]
    return [align(source, target, links, name=f"doc {number}") for number, (source, target) in enumerate(zip(*sides, strict=True))]


def test_in_each_database_many_at_once_make_what_they_make_one_by_one_and_decisions_stay(url, tmp_path):
    later = [dataclasses.replace(one, provenance=dataclasses.replace(PROVENANCE, weights="w2")) for one in many(12)]
    with Corpus(url) as together, Corpus(tmp_path / "other.db") as one_by_one:
        for corpus in (together, one_by_one):
            corpus.add(align())
            corpus.decide(align().unit(BEADS[0]), "accepted", reviewer="Ada")
        for some in (many(8), [align(beads=BEADS[2:]), *later]):
            assert at_once(together, some) == ([one_by_one.add(one) for one in some], [])
            assert held(together) == held(one_by_one)
        assert len(list(together.units(status="accepted"))) == 1


def test_one_that_the_database_cannot_hold_leaves_the_others(url):
    some = many(5)
    some[2] = align(["a\0b"], ["c"], [Bead((0,), (0,), 0.9, 0.8)], name="nul")
    with Corpus(url) as corpus:
        _, bad = at_once(corpus, some)
        assert bad == ([2] if url.startswith("postgresql") else [])
        assert corpus.stats().alignments == 5 - len(bad)
    assert rows(url, "SELECT count(*) FROM documents WHERE name = 'nul.fr.txt'") == [(1 - len(bad),)]


def test_a_failure_of_the_database_in_between_leaves_nothing_of_what_was_added_together(tmp_path):
    with Corpus(tmp_path / "corpus.db") as corpus:

        def fail(connection, _):
            connection.exec_driver_sql("INSERT INTO no_table VALUES (1)")

        with pytest.raises(CorpusError, match="no such table"):
            list(corpus.add_all([found(one, 0.0) for one in many(5)], then=fail))
        assert held(corpus) == [[], [], []]


def test_what_many_take_in_statements_does_not_grow_with_them(url):
    counts = []
    for documents in (20, 80):
        with Corpus(url) as corpus:
            corpus.stats()
            told = []

            def count(*_, told=told):
                told.append(1)

            event.listen(Engine, "before_cursor_execute", count)
            try:
                at_once(corpus, [dataclasses.replace(one, source_lang=f"x{documents}") for one in many(documents)])
            finally:
                event.remove(Engine, "before_cursor_execute", count)
            counts.append(len(told))
    assert TOGETHER > 80 * 5
    assert counts[1] < counts[0] + 10


def test_of_a_group_the_text_that_no_corpus_can_hold_fails_alone(tmp_path):
    group = [(Document(f"Bonjour {mark}.", "a.fr"), Document("Hello.", "a.en")) for mark in ("1", "\ud800", "2")]
    made = Aligning(ToySettings(), tmp_path)(hand_over(group, tmp_path), lambda *_: None)
    assert list(made.failures) == [1]
    assert "lone surrogate" in made.failures[1]
    assert len(taken(made.path)) == 2
