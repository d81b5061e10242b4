"""Pages that neither names nor links pair: found by what they say, once, and never because of a site's template."""

import pytest
from databases import rows
from test_pairing import ENGLISH, FRENCH
from toys import PairingAligner, PairingSettings

from aligner.batch import SERIAL, Batch, Settings, leftovers
from aligner.batch.items import Item
from aligner.batch.leftovers import Sorting
from aligner.batch.stages import taken
from aligner.corpus import Corpus

MENU = {"fr": "Accueil\n\nNos services\n\nNous contacter\n\n", "en": "Home\n\nOur services\n\nContact us\n\n"}
CAT = "Our cat sleeps all day long. At night it hunts mice in the garden."


@pytest.fixture
def dump(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for lang, texts in (("fr", FRENCH), ("en", ENGLISH)):
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(MENU[lang] + text, encoding="utf-8")
    (folder / "both.txt").write_text("Le musée est fermé lundi.\n\nThe museum is closed on Monday.\n", encoding="utf-8")
    return folder


def done(url, dump):
    with Corpus(url) as corpus:
        outcome = Batch(corpus, Settings(), executor=SERIAL).run([dump])
    assert not outcome.quarantined
    return outcome.paired, outcome.done_before, outcome.done


def pairs(url, current=False):
    names = rows(
        url,
        """SELECT s.name, t.name FROM alignments a JOIN documents s ON s.id = a.source_document
        JOIN documents t ON t.id = a.target_document WHERE s.id <> t.id"""
        + " AND a.superseded_by IS NULL" * current,
    )
    assert len(set(names)) == len(names) or not current
    return {tuple(name.rpartition("/")[2] for name in pair) for pair in names}


def test_pages_are_paired_by_what_they_say_once_and_when_the_partner_comes(url, dump):
    assert done(url, dump) == (2, 0, 5)
    assert pairs(url) == {("pain.txt", "8.txt"), ("pont.txt", "7.txt")}
    assert done(url, dump) == (0, 7, 0)
    (dump / "new.txt").write_text(MENU["en"] + CAT, encoding="utf-8")
    assert done(url, dump) == (1, 7, 1)
    assert ("chat.txt", "new.txt") in pairs(url)
    assert done(url, dump) == (0, 8, 0)
    assert rows(url, "SELECT count(*) FROM ledger WHERE units > 0 AND alignment IS NULL") == [(0,)]


def test_a_page_is_compared_again_where_the_one_that_it_was_paired_with_has_changed(url, dump):
    done(url, dump)
    french = dump / "pain.txt"
    french.write_text(french.read_text("utf-8") + "\n\nNotre chat dort toute la journée.\n", encoding="utf-8")
    assert done(url, dump) == (1, 6, 1)
    assert pairs(url, current=True) == {("pain.txt", "8.txt"), ("pont.txt", "7.txt")}
    assert done(url, dump) == (0, 7, 0)


def items(*names, tmp_path, text="Bonjour."):
    found = {}
    for number, name in enumerate(names):
        path = tmp_path / f"{number}.txt"
        path.write_text(text, encoding="utf-8")
        found[f"digest{number}"] = Item((name,), (path,), "dump")
    return found


def grouped(pages, new):
    return sorted(sorted(group) for group in leftovers.groups_of(pages, new))


def test_partners_are_looked_for_in_the_site_and_only_where_something_is_new(tmp_path):
    names = ["https://fr.example.org/a", "https://www.example.org/b", "https://other.org/a", "dump/a.txt", "dump/deep/b.txt"]
    pages = items(*names, tmp_path=tmp_path)
    assert grouped(pages, set(pages)) == [["digest0", "digest1"], ["digest3", "digest4"]]
    assert grouped(pages, {"digest1", "digest2"}) == [["digest0", "digest1"]]
    assert grouped(pages, set()) == []


def test_a_large_site_is_compared_in_parts_that_keep_languages_together(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers, "MOST_DOCUMENTS", 4)
    pages = items(*(f"https://example.org/{lang}/{number}" for lang in ("en", "fr") for number in range(4)), tmp_path=tmp_path)
    assert grouped(pages, set(pages)) == [["digest0", "digest1", "digest4", "digest5"], ["digest2", "digest3", "digest6", "digest7"]]


def test_only_pages_in_one_language_are_compared_and_none_where_the_other_is_missing(dump):
    read = []

    def sorted_(*names, new=None):
        read.clear()
        pages = [(Item((name,), (dump / name,)), new is None or name in new) for name in names]
        found = Sorting(("fr", "en"), dump)(pages, lambda part, parts: read.append(names[part]))
        return None if found is None else [[number for number, _ in side] for side in taken(found.path)]

    (dump / "bad.txt").write_bytes(b"\0\xff")
    assert sorted_("both.txt", "pain.txt", "bad.txt", "8.txt", "absent.txt", "7.txt") == [[1], [3, 5]]
    assert sorted_("pain.txt", "pont.txt", "both.txt") is None
    assert sorted_("7.txt", "pain.txt", "8.txt", new=["pain.txt"]) == [[1], [0, 2]]
    assert sorted_("pain.txt", "bad.txt", "8.txt", "both.txt", new=["bad.txt", "both.txt"]) is None
    assert read == ["bad.txt", "both.txt"]


def test_where_only_a_bad_page_is_new_the_others_are_not_compared_once_more(dump, monkeypatch):
    compared = []
    mined = PairingAligner.mined
    monkeypatch.setattr(PairingAligner, "mined", lambda self, *texts, memory: compared.append(1) or mined(self, *texts, memory=memory))
    with Corpus(dump.with_name("corpus.db")) as corpus:
        (dump / "bad.txt").write_bytes(b"\0\xff")
        job = Batch(corpus, PairingSettings(), executor=SERIAL, retry_quarantined=True)
        assert list(job.run([dump]).quarantined) == [f"{dump}/bad.txt"]
        assert compared
        compared.clear()
        assert len(job.run([dump]).quarantined) == 1
        assert not compared
