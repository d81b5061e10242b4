"""Pages that become a pair by what they say: each once, whatever harms or kills the processes that look for them."""

import random
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from databases import rows
from dying import COMPARING, content, disturbed
from toys import ENGLISH_PAGE, FRENCH_PAGE, PairingAligner, PairingSettings, SufferingReading, SufferingSorting, write_pages

from aligner.batch import Batch, Limits
from aligner.cli import main
from aligner.cli.batch_summary import lines_of
from aligner.corpus import Corpus
from aligner.reviewing.session import ReviewSession

ALONE = "Une phrase sans pareille.\n"


@pytest.fixture
def dump(tmp_path):
    """Three French pages."""
    write_pages(tmp_path / "dump", FRENCH_PAGE, range(3), ALONE)
    return tmp_path / "dump"


def batch(url, dump, executor="serial", **options):
    with Corpus(url) as corpus:
        return Batch(corpus, PairingSettings(), executor=executor, limits=Limits(seconds=20.0), **options).run([dump])


def current(url):
    """How many of the alignments that are seen are of pairs, and how many of pages."""
    kinds = rows(url, "SELECT source_document <> target_document FROM alignments WHERE superseded_by IS NULL")
    pairs = [bool(is_pair) for (is_pair,) in kinds]
    return pairs.count(True), pairs.count(False)


def test_a_page_gives_way_to_the_pair_that_it_becomes_a_part_of(url, dump):
    assert batch(url, dump).done == 3
    assert current(url) == (0, 3)
    with Corpus(url) as corpus:
        session = ReviewSession(corpus, reviewer="Ada")
        for row in session.rows(0, session.total):
            session.decide(row.key, "accepted")
        write_pages(dump, ENGLISH_PAGE, range(2))
        session.changes()
        outcome = batch(url, dump)
        assert session.changes(), "who reviews meanwhile sees that the pages have gone"
    assert (outcome.paired, outcome.done, current(url)) == (2, 2, (2, 1))
    with Corpus(url) as corpus:
        session = ReviewSession(corpus, reviewer="Ada")
        found = [(row.source, row.status) for row in session.rows(0, session.total)]
        assert found.count((ALONE.strip(), "accepted")) == 3, "what has no counterpart in the pair either is decided as it was"
        assert len(found) == 2 * 4 + 4
    assert CliRunner().invoke(main, ["corpus", "check", url]).exit_code == 0
    assert (batch(url, dump).done, current(url)) == (0, (2, 1))
    with Corpus(url) as corpus:
        corpus.forget([dump.as_posix()])
    assert current(url) == (0, 0)
    assert (batch(url, dump).done, current(url)) == (3, (2, 1))


def test_a_dry_run_says_how_many_pages_may_become_pairs(tmp_path, dump):
    url = str(tmp_path / "corpus.db")
    batch(url, dump)
    write_pages(dump, ENGLISH_PAGE, range(2))
    with Corpus(url) as corpus:
        outcome = Batch(corpus, PairingSettings()).run([dump], dry=True)
    assert (outcome.to_do, outcome.to_compare) == (2, 2)
    assert "  to do        2, of which 2 pages may become pairs by what they say" in lines_of(outcome, (str(dump),), True)
    assert "may become" not in "".join(lines_of(replace(outcome, to_compare=0), (str(dump),), True))


def test_a_page_in_which_a_reviewer_linked_something_stays(url, dump):
    write_pages(dump, FRENCH_PAGE, range(3, 4), "The end.\n")
    batch(url, dump)
    with Corpus(url) as corpus:
        session = ReviewSession(corpus, reviewer="Ada")
        session.view(order="document")
        keys = {row.source or row.target: row.key for row in session.rows(0, session.total)}
        session.link(keys[FRENCH_PAGE.format(3, 2).strip()], keys["The end."])
    write_pages(dump, ENGLISH_PAGE, range(4))
    assert batch(url, dump).paired == 4
    assert current(url) == (4, 1)


@pytest.mark.parametrize("order", ["CRASH", "HANG"])
def test_a_page_that_harms_the_process_that_tells_languages_is_quarantined_and_the_others_pair(tmp_path, dump, order, monkeypatch):
    monkeypatch.setattr("aligner.batch.running.Sorting", SufferingSorting)
    monkeypatch.setattr("aligner.batch.running.Reading", SufferingReading)
    (dump / "poison.txt").write_text(f"READER {order}\n", encoding="utf-8")
    write_pages(dump, ENGLISH_PAGE, range(3))
    with Corpus(str(tmp_path / "corpus.db")) as corpus:
        outcome = Batch(corpus, PairingSettings(), limits=Limits(seconds=3.0)).run([dump])
    assert (outcome.paired, outcome.done, [Path(name).name for name in outcome.quarantined]) == (3, 3, ["poison.txt"])


@pytest.mark.parametrize("times", [1, 2])
def test_a_group_that_cannot_be_compared_is_tried_again_and_then_by_halves(tmp_path, times, monkeypatch, caplog):
    """Which is what becomes of a process that was killed by chance, and of one that needs more memory than it may have."""
    dump = tmp_path / "dump"
    for half in (range(10, 13), range(20, 23)):
        for page in (FRENCH_PAGE, ENGLISH_PAGE):
            write_pages(dump / str(half.start), page, half)
    sizes = []

    def mined(self, source, target, *, memory):
        sizes.append(len(source))
        if len(sizes) <= times:
            raise MemoryError("it is too much")
        return PairingAligner.mined(self, source, target, memory=memory)

    def failing(settings):
        aligner = PairingAligner(settings)
        aligner.mined = partial(mined, aligner)
        return aligner

    monkeypatch.setattr(PairingSettings, "aligner", failing)
    outcome = batch(str(tmp_path / "corpus.db"), dump)
    assert (outcome.paired, outcome.done, outcome.quarantined) == (6, 6, {})
    assert sizes == ([18, 18] if times == 1 else [18, 18, 9, 9])
    assert ("12 pages cannot be compared all at once" in caplog.text) == (times == 2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_whatever_is_killed_the_next_run_makes_the_same_pairs(url, tmp_path):
    corpora = {"disturbed": url, "undisturbed": str(tmp_path / "undisturbed.db")}
    chance, killed = random.Random(11), []
    for name, corpus in corpora.items():
        dump = tmp_path / "dump"
        for pages, numbers in ((FRENCH_PAGE, range(9)), (ENGLISH_PAGE, range(3, 12))):
            write_pages(dump, pages, numbers, ALONE if pages == FRENCH_PAGE else "")
            if name == "disturbed":
                victims = (COMPARING, "transaction", "process", "transaction")
                killed += [disturbed(corpus, dump, victim, chance, pairing=True) for victim in victims]
            end = batch(corpus, dump, executor="processes")
            assert end.quarantined == {}
        for path in dump.iterdir():
            path.unlink()
        assert current(corpus) == (6, 6)
    assert killed.count(True) >= 4
    assert content(url) == content(corpora["undisturbed"])
