"""What is marked in a corpus as repeating itself: copies of earlier documents, boilerplate of sites, whatever happens in between."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from databases import rows
from hypothesis import given, settings
from hypothesis import strategies as st
from test_repeats import sentence

from aligner.corpus import Corpus
from aligner.corpus.repeats.marking import Marking, forget
from aligner.types import Alignment, Bead, Document, Provenance

PROVENANCE = Provenance("1.0", "encoder", "r1", "w1")
MENU = [("Accueil", "Home"), ("Actualités", "News"), ("Plan du site", "Site map"), ("Nous écrire", "Contact us")]
MARKS = (
    "SELECT alignment, original, similarity FROM copies ORDER BY alignment",
    "SELECT alignment, unit FROM said_again ORDER BY alignment, unit",
    "SELECT s.name, b.unit FROM boilerplate b JOIN sites s ON s.id = b.site ORDER BY s.name, b.unit",
)


@pytest.fixture
def corpus(url):
    with Corpus(url) as corpus:
        yield corpus


def own(number, count=20):
    """Links that no other number has."""
    return [(sentence(f"{number} {k} fr"), sentence(f"{number} {k} en")) for k in range(count)]


def page(links, name):
    """An alignment of these links, a link a segment; one without a side is a null."""
    sides = [[(place, link[side]) for place, link in enumerate(links) if link[side]] for side in range(2)]
    numbers = [{place: number for number, (place, _) in enumerate(some)} for some in sides]
    beads = tuple(
        Bead(*(tuple(some[place] for some in [side] if place in some) for side in numbers), 0.9, 0.8 if all(link) else None)
        for place, link in enumerate(links)
    )
    documents = [Document.of_segments([text for _, text in some], f"{name}.{lang}") for some, lang in zip(sides, ("fr", "en"), strict=True)]
    return Alignment(*documents, beads, "fr", "en", PROVENANCE)


def changed(links, *places):
    """A near copy: a word put at the end of both sides of some links."""
    return [
        (f"{source} enfin", f"{target} finally") if place in places else (source, target) for place, (source, target) in enumerate(links)
    ]


def fill_site(corpus, host="a.org", pages=range(12)):
    """Pages of a site, all with its menu."""
    for number in pages:
        corpus.add(page([*MENU, *own(f"{host} {number}", 5)], f"https://{host}/{number}"))


def exported(corpus):
    return {(unit.source, unit.target) for unit in corpus.units()}


def test_a_near_copy_is_marked_and_what_it_says_in_other_words_is_left_out(corpus):
    original = own(1)
    first = corpus.add(page(original, "a/1")).alignment
    copy = [*changed(original, 3), *own(2, 1)]
    second = corpus.add(page(copy, "b/1")).alignment
    corpus.mark_repeats()
    assert corpus.repeats().copies == 1
    assert corpus.repeats().units == {"boilerplate": 0, "copy": 1}
    with corpus.reading() as connection:
        (marked,) = connection.exec_driver_sql("SELECT alignment, original, similarity FROM copies").all()
    assert marked[:2] == (second, first)
    assert 0.8 <= marked[2] < 1
    assert exported(corpus) == {*original, *own(2, 1)}
    assert {(unit.source, unit.target) for unit in corpus.units(with_repeats=True)} == {*original, *copy}


def test_both_sides_must_be_near_for_a_copy(corpus):
    original = own(1)
    corpus.add(page(original, "a/1"))
    corpus.add(page([(source, target) for (source, _), (_, target) in zip(original, own(2), strict=True)], "b/1"))
    corpus.mark_repeats()
    assert corpus.repeats().copies == 0


def test_boilerplate_is_marked_over_a_site_and_what_stands_elsewhere_too_is_exported(corpus):
    fill_site(corpus)
    corpus.add(page([*own("elsewhere", 5), MENU[0]], "https://b.org/1"))
    corpus.mark_repeats()
    assert corpus.repeats().units == {"boilerplate": 3, "copy": 0}
    assert MENU[0] in exported(corpus)
    assert not {*MENU[1:]} & exported(corpus)
    assert corpus.stats().units == len(exported(corpus)) + 3


def test_boilerplate_without_counterpart_counts_for_those_where_it_has_one(corpus):
    for number in range(12):
        menu = MENU if number == 0 else [(source, "") for source, _ in MENU] + [("", target) for _, target in MENU]
        corpus.add(page([*menu, *own(number, 5)], f"https://a.org/{number}"))
    corpus.mark_repeats()
    assert corpus.repeats().units["boilerplate"] == len(MENU)


def test_what_a_reviewer_accepted_is_exported_though_it_repeats(corpus):
    fill_site(corpus)
    corpus.mark_repeats()
    home = next(unit for unit in corpus.units(with_repeats=True) if unit.source == "Accueil")
    corpus.decide(home, "accepted", reviewer="Ada")
    assert MENU[0] in exported(corpus)
    assert corpus.repeats().units["boilerplate"] == len(MENU) - 1


def test_pages_that_have_little_but_their_menu_are_no_copies_of_each_other(corpus):
    menu = [(f"{source} {sentence(k)}", f"{target} {sentence(-k)}") for k, (source, target) in enumerate(MENU * 8)]
    for number in range(12):
        corpus.add(page([*menu, *own(number, 1)], f"https://a.org/{number}"))
    corpus.mark_repeats()
    assert corpus.repeats().copies == 0
    assert corpus.repeats().units["boilerplate"] == len(menu)
    assert exported(corpus) == {own(number, 1)[0] for number in range(12)}


def test_many_copies_of_one_document_make_no_boilerplate_of_it(corpus):
    original = own(1)
    for number in range(20):
        corpus.add(page(changed(original, number), f"https://a.org/print/{number}"))
    corpus.mark_repeats()
    assert (corpus.repeats().copies, corpus.repeats().units["boilerplate"]) == (19, 0)
    assert len(exported(corpus)) == len(original)


def test_a_later_run_finds_copies_of_what_earlier_ones_added_and_nothing_twice(corpus, url):
    fill_site(corpus)
    corpus.mark_repeats()
    before = [rows(url, query) for query in MARKS]
    corpus.mark_repeats()
    assert [rows(url, query) for query in MARKS] == before
    corpus.add(page([*MENU, *changed(own("a.org 3", 5), 2)], "https://mirror.org/3"))
    fill_site(corpus, pages=range(12, 14))
    corpus.mark_repeats()
    assert corpus.repeats().copies == 0  # on the mirror the menu is none yet, and counts
    corpus.add(page(changed(own("a.org 4", 5), 2), "https://mirror.org/4"))
    corpus.mark_repeats()
    assert corpus.repeats().copies == 1
    assert corpus.repeats().units["copy"] == 1


def test_marking_again_writes_nothing(tmp_path):
    import sqlite3

    with Corpus(tmp_path / "corpus.db") as corpus:
        fill_site(corpus)
        corpus.mark_repeats()
        watcher = sqlite3.connect(tmp_path / "corpus.db")
        version = watcher.execute("PRAGMA data_version").fetchone()
        corpus.mark_repeats()
        assert watcher.execute("PRAGMA data_version").fetchone() == version
        watcher.close()


def test_a_later_version_of_a_text_is_no_copy_of_it_and_takes_its_place_as_an_original(corpus):
    original = own(1)
    corpus.add(page(original, "a/1"))
    corpus.add(page(changed(original, 3), "b/1"))
    corpus.mark_repeats()
    assert corpus.repeats().copies == 1
    corpus.add(page(changed(original, 5), "a/1"))  # the same names: a later version
    corpus.mark_repeats()
    assert corpus.stats().superseded == 1
    assert corpus.repeats().copies == 1
    with corpus.reading() as connection:
        assert not connection.exec_driver_sql("SELECT * FROM bands WHERE alignment NOT IN (SELECT alignment FROM examined)").all()
    assert changed(original, 3)[3] in exported(corpus)  # the copy is the earlier one of those that are left
    assert changed(original, 5)[5] not in exported(corpus)


def test_a_document_that_is_aligned_again_is_compared_again(corpus):
    original = own(1)
    corpus.add(page(original, "a/1"))
    copy = page(changed(original, 3), "b/1")
    corpus.add(copy)
    corpus.mark_repeats()
    half = tuple(
        bead
        for k, bead in enumerate(copy.beads)
        for bead in ([bead] if k % 2 else [Bead(bead.source, (), 0.6), Bead((), bead.target, 0.6)])
    )
    corpus.add(Alignment(copy.source, copy.target, half, "fr", "en", Provenance("1.0", "encoder", "r1", "w2")))
    corpus.mark_repeats()
    assert corpus.repeats().copies == 0


def test_when_more_is_boilerplate_what_was_compared_with_it_is_compared_without_it(corpus):
    notice = own("notice", 5)
    whole = corpus.add(page([*notice, *own(1, 6)], "https://a.org/1")).alignment
    mirrored = corpus.add(page([*notice, *changed(own(1, 6), 2)], "https://mirror.org/1")).alignment
    bare = corpus.add(page(changed(own(1, 6), 3), "https://bare.org/1")).alignment
    corpus.mark_repeats()
    found = "SELECT alignment, original FROM copies"
    with corpus.reading() as connection:
        assert connection.exec_driver_sql(found).all() == [(mirrored, whole)]
    for number in range(2, 13):
        corpus.add(page([*notice, *own(number, 6)], f"https://a.org/{number}"))
    corpus.mark_repeats()
    with corpus.reading() as connection:
        assert connection.exec_driver_sql(found).all() == [(bare, whole)]


def test_forgetting_an_original_makes_its_copy_one(corpus):
    original = own(1)
    first = corpus.add(page(original, "a/1")).alignment
    corpus.add(page(changed(original, 3), "b/1"))
    corpus.add(page(changed(original, 3, 5), "c/1"))
    corpus.mark_repeats()
    assert corpus.repeats().copies == 2
    forget(corpus.writing, [first])
    with corpus.writing() as connection:
        connection.exec_driver_sql(f"DELETE FROM occurrences WHERE alignment = {first}")
        connection.exec_driver_sql(f"DELETE FROM alignments WHERE id = {first}")
        for table in ("bands", "traces"):
            assert not connection.exec_driver_sql(f"SELECT * FROM {table} WHERE alignment = {first}").all()
    corpus.mark_repeats()
    assert corpus.repeats().copies == 1
    assert exported(corpus) == set(changed(original, 3))


@st.composite
def some_pages(draw):
    """Pages of two sites, some near copies of earlier ones, with or without a menu."""
    pages = []
    for number in range(draw(st.integers(1, 26))):
        host = draw(st.sampled_from(["a.org", "b.org"]))
        links = changed(own(draw(st.integers(0, number // 4)), 16), draw(st.integers(0, 15))) if draw(st.booleans()) else own(number, 16)
        pages.append(page([*(MENU if draw(st.booleans()) else []), *links], f"https://{host}/{number}"))
    return pages


@settings(deadline=None, max_examples=12)
@given(some_pages(), st.data())
def test_marks_do_not_depend_on_how_often_they_are_made_but_that_boilerplate_stays_what_it_was(pages, data):
    with Corpus("sqlite://") as at_once, Corpus("sqlite://") as by_and_by:
        for one in pages:
            at_once.add(one)
        at_once.mark_repeats()
        for one in pages:
            by_and_by.add(one)
            if data.draw(st.booleans()):
                by_and_by.mark_repeats()
        by_and_by.mark_repeats()
        once, later = marks(at_once), marks(by_and_by)
        assert set(once[2]) <= set(later[2])
        if once[2] == later[2]:
            assert once[:2] == later[:2]


@settings(deadline=None, max_examples=12)
@given(some_pages(), st.randoms())
def test_boilerplate_does_not_depend_on_the_order_in_which_documents_are_added(pages, randomly):
    without_copies = list({one.source.text: one for one in pages}.values())
    shuffled = list(without_copies)
    randomly.shuffle(shuffled)
    found = []
    for some in (without_copies, shuffled):
        with Corpus("sqlite://") as corpus:
            for one in some:
                corpus.add(one)
            corpus.mark_repeats()
            found.append(marks(corpus)[2])
    assert found[0] == found[1]


def marks(corpus):
    with corpus.reading() as connection:
        return [[tuple(row) for row in connection.exec_driver_sql(query)] for query in MARKS]


def test_stopped_before_any_transaction_marking_goes_on_to_the_same_end(tmp_path):
    whole = tmp_path / "whole.db"
    with Corpus(whole) as corpus:
        fill_site(corpus)
        for number in range(12):
            corpus.add(page([*MENU, *own(number, 5)], f"https://b.org/{number}"))
            corpus.add(page(changed(own(f"a.org {number}", 5), number % 5), f"https://c.org/{number}"))
    original = whole.read_bytes()
    with Corpus(whole) as corpus:
        corpus.mark_repeats()
        expected = marks(corpus)
    assert expected[0]
    assert expected[2]

    class StoppedError(Exception):
        """In the place of a kill."""

    stopped = 0
    while True:
        path = tmp_path / f"{stopped}.db"
        path.write_bytes(original)
        with Corpus(path) as corpus:
            left = stopped

            def writing(corpus=corpus):
                nonlocal left
                left -= 1
                if left < 0:
                    raise StoppedError
                return corpus.writing()

            try:
                Marking(corpus.reading, writing).mark()
            except StoppedError:
                corpus.mark_repeats()
            assert marks(corpus) == expected
            if left >= 0:
                break
        stopped += 1
    assert stopped > 8


def test_killed_at_random_moments_marking_ends_as_if_it_had_not_been(url, tmp_path):
    undisturbed = str(tmp_path / "undisturbed.db")
    randomly = random.Random(1)
    for corpus_url in (url, undisturbed):
        with Corpus(corpus_url) as corpus:
            for number in range(150):
                links = own(number, 6) if number % 5 else changed(own(number - 1, 6), number % 6)
                corpus.add(page([*MENU, *links], f"https://{'ab'[number % 2]}.org/{number}"))
    with Corpus(undisturbed) as corpus:
        began = time.monotonic()
        corpus.mark_repeats()
        takes = time.monotonic() - began
    code = "import sys; from aligner.corpus import Corpus; corpus = Corpus(sys.argv[1]); print(flush=True); corpus.mark_repeats()"
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
        process.stdout.readline()
        time.sleep(randomly.random() * takes)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    with Corpus(url) as corpus:
        corpus.mark_repeats()
    assert [rows(url, query) for query in MARKS] == [rows(undisturbed, query) for query in MARKS]
    assert len(rows(url, MARKS[0])) > 0
    assert len(rows(url, MARKS[2])) == 2 * len(MENU)
