"""Marking by what was kept of alignments when they were added finds what reading their texts finds, and reads few of them."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from test_corpus_repeats import MENU, changed, fill_site, marks, own, page, some_pages

from aligner.corpus import Corpus
from aligner.corpus.found import found
from aligner.repeats.sketches import Sketch
from aligner.reviewing.session import ReviewSession

LANGUAGES = "fr", "en"


@pytest.fixture
def corpus(url):
    with Corpus(url) as corpus:
        yield corpus


def at_once(corpus, pages):
    """Add them as a batch does."""
    assert not list(corpus.add_all([found(one, 0.0) for one in pages], then=lambda *_: None))


def without_sketches(corpus):
    """Mark with nothing but the texts."""
    with corpus.writing() as connection:
        connection.exec_driver_sql("DELETE FROM sketches")
    corpus.mark_repeats()


@contextmanager
def texts_read():
    """The statements that read texts of units while this lasts."""
    read = []

    def count(*told):
        read.extend(statement for statement in told[2:3] if "units.source" in statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield read
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def assert_same_from_texts(scenario):
    """Where a scenario, which adds something and yields, is marked each time, sketches make the tables that texts make."""
    with Corpus("sqlite://") as by_sketches, Corpus("sqlite://") as by_texts:
        for _ in zip(scenario(by_sketches), scenario(by_texts), strict=True):
            by_sketches.mark_repeats()
            without_sketches(by_texts)
            assert marks(by_sketches) == marks(by_texts)
            assert index(by_sketches) == index(by_texts)


def index(corpus):
    with corpus.reading() as connection:
        queries = (f"SELECT * FROM {table} ORDER BY 1, 2" for table in ("bands", "traces", "recurring", "examined"))
        return [connection.exec_driver_sql(query).all() for query in queries]


@st.composite
def with_nulls(draw):
    """Some pages, of which some have segments without counterpart or say nothing that is linked."""
    return [
        page([draw(st.sampled_from([link, (link[0], ""), ("", link[1])])) for link in links], name)
        for links, name in (
            ([*MENU, *own(number, draw(st.integers(0, 3)))], f"https://a.org/{number}") for number in range(draw(st.integers(8, 14)))
        )
    ]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.one_of(some_pages(), with_nulls()), min_size=1, max_size=3))
def test_the_same_is_marked_as_from_the_texts(nights):
    def scenario(corpus):
        for pages in nights:
            at_once(corpus, pages)
            yield

    assert_same_from_texts(scenario)


def test_the_texts_of_what_repeats_nothing_are_not_read(corpus):
    at_once(corpus, [page(own(number, 5), f"https://a.org/{number}") for number in range(30)])
    with texts_read() as read:
        corpus.mark_repeats()
    assert not read


def test_where_a_site_has_boilerplate_what_holds_none_of_it_is_not_read(corpus):
    fill_site(corpus)
    corpus.mark_repeats()
    at_once(corpus, [page(own(number, 5), f"https://a.org/other/{number}") for number in range(30)])
    with texts_read() as read:
        corpus.mark_repeats()
    assert not read
    at_once(corpus, [page([*own("menu", 5), *MENU], "https://a.org/menu")])
    with texts_read() as read:
        corpus.mark_repeats()
    assert len(read) == 1


def test_boilerplate_is_left_out_where_only_its_neighbours_tell_that_it_is_some():
    """Of a page that has a unit of the menu in the midst of its text, the sketch does not say so."""

    def scenario(corpus):
        fill_site(corpus)
        yield
        text = own("a", 6)
        at_once(corpus, [page([*text[:3], MENU[0], *text[3:]], "https://a.org/midst")])
        yield

    assert_same_from_texts(scenario)


def test_what_is_marked_is_kept_no_longer_nor_what_went_before_it_was(corpus):
    at_once(corpus, [page(own(number, 5), f"a/{number}") for number in range(3)])
    at_once(corpus, [page(changed(own(0, 5), 1), "a/0")])  # a later version, in the place of the first
    assert corpus.stats().superseded == 1
    corpus.mark_repeats()
    with corpus.reading() as connection:
        assert not connection.exec_driver_sql("SELECT * FROM sketches").all()


def test_beads_that_were_aligned_otherwise_before_they_were_marked_count_as_they_are():
    one = page(own(1), "a/1")
    halves = [half for bead in one.beads[::2] for half in (replace(bead, target=()), replace(bead, source=()))]
    other = replace(one, beads=tuple(sorted((*one.beads[1::2], *halves), key=lambda bead: bead.source or bead.target)))

    def scenario(corpus):
        at_once(corpus, [one, other])
        yield
        at_once(corpus, [one])
        yield

    assert_same_from_texts(scenario)


def unlink(corpus, source):
    """What a reviewer does to the bead of this source."""
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(order="document")
    (row,) = [row for row in session.rows(0, session.total) if row.source == source]
    session.unlink(row.key)


def test_beads_that_a_reviewer_changed_before_they_were_marked_count_as_they_are():
    def scenario(corpus):
        at_once(corpus, [page(own(1), "a/1")])
        unlink(corpus, own(1)[3][0])
        yield

    assert_same_from_texts(scenario)


def test_what_a_reviewer_made_of_beads_counts_when_the_texts_are_aligned_again(corpus):
    later = page(own(1), "a/1")
    later = replace(later, provenance=replace(later.provenance, weights="w2"))

    def scenario(corpus):
        corpus.add(replace(later, beads=later.beads[1:]))
        unlink(corpus, own(1)[3][0])
        yield
        at_once(corpus, [later])
        yield

    assert_same_from_texts(scenario)


def test_what_a_reviewer_accepted_in_an_earlier_version_counts_in_the_later_one():
    def scenario(corpus):
        corpus.add(page([*own(1), ("Fin.", "")], "a/1"))
        unlink(corpus, own(1)[3][0])
        yield
        at_once(corpus, [page([*own(1), ("Fin", "")], "a/1")])
        yield

    assert_same_from_texts(scenario)


def test_long_alignments_and_such_as_are_added_alone_are_marked_by_sketches_too(corpus):
    long = page(own("long", 250), "a/long")
    at_once(corpus, [long, page(own(2, 5), "a/2")])
    corpus.add(page(own(3, 5), "a/3"))
    with texts_read() as read:
        corpus.mark_repeats()
    assert not read


def test_what_was_forgotten_before_it_was_marked_leaves_nothing(corpus):
    at_once(corpus, [page(own(number, 5), f"a/{number}") for number in range(3)])
    corpus.forget(["a/1.fr"])
    with corpus.reading() as connection:
        assert len(connection.exec_driver_sql("SELECT * FROM sketches").all()) == 2
    corpus.mark_repeats()
    assert corpus.repeats().copies == 0


def test_a_sketch_is_the_same_on_every_machine_for_the_corpus_keeps_it():
    kept, left = Sketch.of([("Plan du site", "Site map"), ("Accueil", "")], LANGUAGES).packed
    assert kept[:8].hex() == "8b83cc058554c4ea"
    assert left[:16].hex() == "421c9849f542e490f50527fe2b509f9b"
    assert Sketch.of([("Accueil", "")], LANGUAGES).packed[0] is None
