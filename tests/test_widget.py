"""The review widget's Python side: what its page asks and what it is answered, over a real corpus."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import aligner
from aligner.corpus import Corpus
from aligner.errors import CorpusError, EncoderError, ReviewError
from aligner.reviewing.notebook import opening
from aligner.types import Alignment, Bead, Document, Provenance

pytest.importorskip("anywidget", reason="anywidget is not installed: pip install 'aligner[notebooks]'")

PROVENANCE = Provenance("1.0", "encoder", "r1", "w1")
FRENCH = ("Bonjour.", "Il pleut 😀.", "Il pleut encore.", "Au revoir.", "<script>alert(1)</script>", "=cmd()", "Fin.")
ENGLISH = ("Good morning.", "It rains 😀, and rains.", "Goodbye.", "<b>bold</b>", "=1+1", "End.")
BEADS = (
    Bead((0,), (0,), 0.99, 0.9),
    Bead((1, 2), (1,), 0.4, 0.6),
    Bead((3,), (2,), 0.8, 0.7),
    Bead((4,), (3,), 0.2, 0.3),
    Bead((5,), (4,), 0.96, 0.8),
    Bead((6,), (5,), 0.97, 0.8),
)


def alignment(name="dialogue", french=FRENCH, english=ENGLISH, beads=BEADS):
    source, target = Document.of_segments(french, f"{name}.fr.txt", "fr"), Document.of_segments(english, f"{name}.en.txt", "en")
    return Alignment(source, target, beads, "fr", "en", PROVENANCE)


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGNER_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture(autouse=True)
def no_model(monkeypatch):
    """Most of this is about what goes on without the model, which would load behind every widget."""

    def missing():
        raise EncoderError("there is no encoder in this test")

    monkeypatch.setattr(opening, "_aligner", missing)


@pytest.fixture
def model(no_model, encoder, monkeypatch):
    monkeypatch.setattr(opening, "_aligner", lambda: aligner.Aligner(encoder))


@pytest.fixture
def corpus(tmp_path):
    with Corpus(tmp_path / "c.db") as made:
        made.add(alignment())
        yield made


class Page:
    """What the browser does, without one: sends messages of JSON to a widget, and takes what it sends."""

    def __init__(self, widget):
        self.widget, self.received, self.count = widget, [], 0
        widget.send = lambda content, buffers=None: self.received.append(json.loads(json.dumps(content)))

    def tell(self, do, **message):
        self.count += 1
        self.widget._handle_custom_msg(json.loads(json.dumps({"id": self.count, "do": do, **message})), [])
        answer = self.received.pop()
        assert answer["id"] == self.count
        return answer

    def ask(self, do, **message):
        answer = self.tell(do, **message)
        assert answer["ok"], answer
        return answer

    def refused(self, do, **message):
        answer = self.tell(do, **message)
        assert not answer["ok"]
        return answer["error"]


def page_of(corpus, **options):
    return Page(aligner.review(corpus, **{"reviewer": "Ada", **options}))


def texts(view):
    return [(row["source"], row["target"]) for row in view["rows"]]


def key_of(page, source):
    return next(row["key"] for row in page.ask("open")["view"]["rows"] if row["source"] == source)


def test_the_page_is_shown_the_doubtful_rows_first_with_their_neighbours_in_the_document(corpus):
    page = page_of(corpus)
    answer = page.ask("open")
    assert (answer["reviewer"], answer["reasons"]["misaligned"]) == ("Ada", "the boundaries are wrong")
    assert answer["languages"] == ["fr", "en"]
    view = answer["view"]
    assert (view["total"], view["cursor"], view["first"], view["order"], view["context"]) == (6, 0, 0, "doubt", True)
    assert [row["probability"] for row in view["rows"]] == [0.2, 0.4, 0.8, 0.96, 0.97, 0.99]
    first = view["rows"][0]
    assert (first["source"], first["target"]) == ("<script>alert(1)</script>", "<b>bold</b>")
    sources = {row["key"]: row["source"] for row in answer["rows"]}
    before, after = answer["contexts"][first["key"]]
    assert [sources[key] for key in before] == ["Il pleut 😀. Il pleut encore.", "Au revoir."]
    assert [sources[key] for key in after] == ["=cmd()", "Fin."]


def test_every_field_of_a_row_that_the_page_draws_is_sent(corpus):
    row = page_of(corpus).ask("open")["view"]["rows"][1]
    assert (row["shape"], row["place"], row["of"], row["status"]) == ("2-1", 2, 6, "unreviewed")
    assert row["document"] == "dialogue.fr.txt – dialogue.en.txt"
    assert [row["source"][start:end] for start, end in row["source_parts"]] == ["Il pleut 😀.", "Il pleut encore."]


def test_a_decision_is_in_the_database_when_it_is_answered(corpus):
    page = page_of(corpus)
    row = page.ask("open")["view"]["rows"][0]
    answer = page.ask("decide", keys=[row["key"]], status="rejected", reason="misaligned", cursor=0, version=1)
    assert [(one["key"], one["status"], one["reviewer"]) for one in answer["rows"]] == [(row["key"], "rejected", "Ada")]
    (decision,) = corpus.decisions(row["unit"])
    assert (decision.status, decision.reviewer, decision.reason, decision.tool) == ("rejected", "Ada", "misaligned", "notebook")


def test_the_page_is_the_master_of_the_cursor_as_long_as_it_counts_the_same_rows(corpus):
    page = page_of(corpus)
    view = page.ask("open")["view"]
    page.ask("decide", keys=[view["rows"][0]["key"]], status="accepted", reason="", cursor=3, version=view["version"])
    assert page.ask("open")["view"]["cursor"] == 3
    merged = page.ask("merge", key=key_of(page, "Fin."), direction="previous")["view"]
    page.ask("stats", cursor=0, version=view["version"])  # a number of the rows of before
    assert page.ask("open")["view"]["cursor"] == merged["cursor"] != 0


def test_what_cannot_be_done_is_said_and_changes_nothing(corpus):
    page = page_of(corpus)
    row = page.ask("open")["view"]["rows"][0]
    assert "reason" in page.refused("decide", keys=[row["key"]], status="rejected", reason="dull")
    assert "nothing to undo" in page.refused("undo")
    gone = key_of(page, "Fin.")
    page.ask("merge", key=gone, direction="previous")
    assert "look at them again" in page.refused("split", key=gone, source_at=1, target_at=1)
    assert "look" in page.refused("unlink", key=gone)
    assert "no regular expression" in page.refused("search", pattern="(", regex=True, side="both", case=False)
    assert "does not know" in page.refused("dance")
    assert corpus.decisions(row["unit"]) == []


def test_a_defect_is_answered_too_so_that_the_page_does_not_take_the_kernel_for_gone(corpus, caplog):
    page = page_of(corpus)
    assert "KeyError" in page.refused("decide")
    assert "could not be answered" in caplog.text


@pytest.mark.parametrize(
    ("source", "message", "expected"),
    [
        ("Bonjour.", {"do": "edit", "source": "Salut.", "target": "Hello."}, ("Salut.", "Hello.")),
        ("Au revoir.", {"do": "merge", "direction": "next"}, ("Au revoir. <script>alert(1)</script>", "Goodbye. <b>bold</b>")),
        ("=cmd()", {"do": "merge", "direction": "previous"}, ("<script>alert(1)</script> =cmd()", "<b>bold</b> =1+1")),
        ("Il pleut 😀. Il pleut encore.", {"do": "split", "source_at": 12, "target_at": 11}, ("Il pleut 😀.", "It rains 😀,")),
        ("Il pleut 😀. Il pleut encore.", {"do": "move", "side": "source", "direction": "up"}, ("Bonjour. Il pleut 😀.", "Good morning.")),
        ("Fin.", {"do": "unlink"}, ("Fin.", "")),
        ("Fin.", {"do": "null"}, ("Fin.", "")),
    ],
)
def test_beads_are_changed_and_undo_brings_them_back(corpus, source, message, expected):
    page = page_of(corpus)
    before = page.ask("open")["view"]
    after = page.ask(**message, key=key_of(page, source))["view"]
    assert after["version"] > before["version"]
    assert expected in texts(after)
    undone = page.ask("undo")
    assert "undone" in undone["message"]
    assert sorted(texts(undone["view"])) == sorted(texts(before))
    assert expected in texts(page.ask("redo")["view"])


def test_distant_rows_are_linked(corpus):
    page = page_of(corpus)
    answer = page.ask("link", key=key_of(page, "Bonjour."), other=key_of(page, "Fin."))
    assert ("Bonjour. Fin.", "Good morning. End.") in texts(answer["view"])


def test_a_comment_comes_back_with_its_row(corpus):
    page = page_of(corpus)
    key = key_of(page, "Bonjour.")
    (row,) = page.ask("comment", key=key, text="  Or hello?  ")["rows"]
    assert [(one["reviewer"], one["text"]) for one in row["comments"]] == [("Ada", "Or hello?")]
    assert "commented" in row["flags"]


def test_a_range_is_decided_at_once_and_taken_back_at_once(corpus):
    page = page_of(corpus)
    view = page.ask("open")["view"]
    answer = page.ask("decide", range=[1, 3], status="accepted", reason="", cursor=0, version=view["version"])
    assert len(answer["rows"]) == 3
    assert page.ask("stats")["stats"]["by_status"]["accepted"] == 3
    page.ask("undo")
    assert page.ask("stats")["stats"]["by_status"]["accepted"] == 0


def test_every_answer_says_how_much_is_decided(corpus):
    page = page_of(corpus)
    keys = [row["key"] for row in page.ask("open")["view"]["rows"]]
    assert page.ask("open")["counts"] == {"unreviewed": 6, "accepted": 0, "rejected": 0, "flagged": 0}
    assert page.ask("decide", keys=keys[:2], status="accepted", reason="")["counts"]["accepted"] == 2
    assert page.ask("undo")["counts"]["accepted"] == 0
    assert page.ask("redo")["counts"]["accepted"] == 2
    page_of(corpus, reviewer="Grace").ask("decide", keys=keys[2:3], status="flagged", reason="")
    assert page.ask("changes")["counts"]["flagged"] == 1


def test_a_range_of_rows_that_have_changed_meanwhile_is_refused(corpus):
    page = page_of(corpus)
    old = page.ask("open")["view"]["version"]
    page.ask("merge", key=key_of(page, "Fin."), direction="previous")
    assert "changed meanwhile" in page.refused("decide", range=[0, 2], status="accepted", reason="", cursor=0, version=old)


def test_a_filter_shows_what_it_names_and_the_same_when_opened_again(corpus):
    wanted = {"status": ["unreviewed"], "probability": [0.9, 1], "flags": [], "document": None, "reviewer": None}
    wanted |= {"text": "", "shapes": [], "mine": False, "open_to_me": False, "sampled": False}
    view = page_of(corpus).ask("view", filter=wanted, order="document")["view"]
    assert [row["probability"] for row in view["rows"]] == [0.99, 0.96, 0.97]
    page = page_of(corpus)
    page.ask("place", cursor=2, version=page.ask("open")["view"]["version"])
    again = page_of(corpus).ask("open")["view"]
    assert (again["cursor"], again["order"], again["filter"]) == (2, "document", wanted)
    assert texts(again) == texts(view)


def test_rows_are_read_where_the_page_looks(tmp_path):
    french, english = [f"Phrase {number}." for number in range(500)], [f"Sentence {number}." for number in range(500)]
    beads = tuple(Bead((number,), (number,), number / 500, 0.5) for number in range(500))
    with Corpus(tmp_path / "long.db") as corpus:
        corpus.add(alignment("long", french, english, beads))
        page = page_of(corpus)
        view = page.ask("open")["view"]
        assert view["total"] == 500
        assert len(view["rows"]) < 100
        part = page.ask("rows", start=300, count=50, version=view["version"])["view"]
        assert (part["first"], len(part["rows"]), part["rows"][0]["source"]) == (300, 50, "Phrase 300.")
        assert page.ask("rows", start=300, count=50, version=-1)["view"]["first"] == 0


def test_going_to_the_next_row_of_a_kind_says_where_that_is_or_that_there_is_none(corpus):
    page = page_of(corpus)
    view = page.ask("open")["view"]
    assert page.ask("go", to="next_other", cursor=0, version=view["version"])["view"]["cursor"] == 1
    assert page.ask("go", to=key_of(page, "Bonjour."), cursor=1, version=view["version"])["view"]["cursor"] == 5
    answer = page.ask("go", to="next_conflict")
    assert answer["message"] == "no other row in this view on which reviewers disagree"
    assert "view" not in answer
    assert "not in this view" in page.ask("go", to="1:99.0:00000000")["message"]
    page.ask("accept_above", probability=0, annotated=True, unchecked=True)
    assert "every row is decided" in page.ask("go", to="next_doubtful")["message"]
    page.ask("undo")
    page.ask("decide", keys=[row["key"] for row in view["rows"] if row["probability"] < 0.9], status="accepted")
    assert "T goes to the next to do" in page.ask("go", to="next_doubtful")["message"]


def test_rows_are_numbered_anew_when_what_was_changed_takes_its_place(corpus):
    page = page_of(corpus)
    page.ask("open")
    merged = page.ask("merge", key=key_of(page, "Au revoir."), direction="previous")
    version = merged["view"]["version"]
    assert (merged["sorted"], merged["view"]["cursor"], merged["view"]["rows"][1]["probability"]) == (False, 1, None)
    answer = page.ask("go", to="next_doubtful", cursor=1, version=version)
    assert (answer["sorted"], answer["view"]["version"] > version, answer["view"]["cursor"]) == (True, True, 1)
    assert answer["view"]["rows"][0]["key"] == merged["view"]["rows"][1]["key"]
    undone = page.ask("undo")["view"]
    page.ask("decide", keys=[row["key"] for row in undone["rows"]], status="accepted")
    answer = page.ask("go", to="next_doubtful", cursor=0, version=undone["version"])
    assert "every row is decided" in answer["message"]
    assert answer["view"]["version"] > undone["version"]


def test_saying_that_there_is_no_counterpart_goes_on_to_what_follows_as_accepting_does(corpus):
    page = page_of(corpus)
    filtered = {"filter": {"status": [], "probability": [0, 1], "flags": [], "shapes": []}, "order": "document"}
    page.ask("view", **filtered)
    apart = page.ask("null", key=key_of(page, "Il pleut 😀. Il pleut encore."))
    assert apart["message"] == "marked: no counterpart"
    shown = apart["view"]["rows"]
    assert [(row["shape"], row["status"]) for row in shown[1:4]] == [("1-0", "accepted"), ("1-0", "accepted"), ("0-1", "accepted")]
    assert shown[apart["view"]["cursor"]]["source"] == "Au revoir."
    page.ask("undo")
    again = page.ask("unlink", key=key_of(page, "Fin."))["view"]
    assert [row["status"] for row in again["rows"] if row["shape"] != "1-1"][-2:] == ["unreviewed", "unreviewed"]
    alone = page.ask("null", key=key_of(page, "Fin."))
    assert alone["message"] == "marked: no counterpart"
    assert alone["view"]["rows"][alone["view"]["cursor"]]["target"] == "End."


def test_what_is_taken_back_and_brought_back_is_said_in_words(corpus):
    page = page_of(corpus)
    keys = [row["key"] for row in page.ask("open")["view"]["rows"]]
    for do, asked, words in (
        ("decide", {"keys": keys[:1], "status": "accepted"}, "accept"),
        ("decide", {"keys": keys[:3], "status": "flagged"}, "3 flagged"),
        ("accept_above", {"probability": 0.9, "annotated": True, "unchecked": True}, "3 accepted at once"),
        ("merge", {"key": keys[0], "direction": "next"}, "merge"),
        ("null", {"key": keys[-1]}, "no counterpart"),
    ):
        page.ask(do, **asked)
        assert page.ask("undo")["message"] == f"undone: {words}"
        assert page.ask("redo")["message"] == f"done again: {words}"
        page.ask("undo")


def test_search_finds_places_and_replacing_is_previewed_and_one_action(corpus):
    page = page_of(corpus)
    page.ask("view", filter={"status": [], "probability": [0, 1], "flags": [], "shapes": []}, order="document")
    wanted = {"pattern": "il PLEUT", "regex": False, "side": "source", "case": False}
    assert page.ask("search", **wanted)["places"] == [1]
    preview = page.ask("preview", **wanted, replacement="il neige")
    assert (preview["total"], preview["replacements"][0]["after"][0]) == (1, "il neige 😀. il neige encore.")
    version = page.ask("open")["view"]["version"]
    replaced = page.ask("replace", **wanted, replacement="il neige", keys=[preview["replacements"][0]["key"]], cursor=4, version=version)
    assert replaced["view"]["cursor"] == 4  # one goes on where one was
    assert "il neige 😀. il neige encore." in [source for source, _ in texts(page.ask("open")["view"])]
    page.ask("undo")
    assert page.ask("search", **wanted)["places"] == [1]


def test_the_undo_of_a_decision_is_told_by_the_row_alone_and_where_it_is(corpus):
    page = page_of(corpus)
    shown = page.ask("open")["view"]
    page.ask("decide", keys=[shown["rows"][2]["key"]], status="accepted", cursor=2, version=shown["version"])
    undone = page.ask("undo", cursor=3, version=shown["version"])
    assert "view" not in undone
    assert [(row["key"], row["status"]) for row in undone["rows"]] == [(shown["rows"][2]["key"], "unreviewed")]
    assert undone["cursor"] == 2


def test_accepting_many_tells_how_many_asks_for_a_sample_and_is_one_undo(corpus):
    page = page_of(corpus)
    bulk = page.ask("bulk", probability=0.9, annotated=True)["bulk"]
    assert (bulk["count"], bulk["checked"], bulk["is_checked"]) == (3, 0, False)
    assert "3 undecided rows" in bulk["words"][0]
    assert "random sample" in page.refused("accept_above", probability=0.9, annotated=True, unchecked=False)
    sample = page.ask("sample", probability=0.9, size=50, annotated=True)["view"]
    assert (sample["total"], sample["filter"]["sampled"]) == (3, True)
    assert page.ask("bulk", probability=0.9, annotated=True)["bulk"]["pending"] == 3
    page.ask("accept_above", probability=0.1, annotated=True, unchecked=True)
    assert page.ask("stats")["stats"]["by_status"]["accepted"] == 6
    page.ask("undo")
    assert page.ask("stats")["stats"]["by_status"]["accepted"] == 0


def test_what_is_known_of_a_probability_is_said_with_its_interval(corpus):
    page = page_of(corpus)
    for row in page.ask("sample", probability=0.9, size=50, annotated=True)["view"]["rows"]:
        page.ask("decide", keys=[row["key"]], status="accepted", reason="")
    bulk = page.ask("bulk", probability=0.9, annotated=True)["bulk"]
    assert bulk["is_checked"]
    assert re.search(r"Of 3 .* 0 were wrong: 0.0% \(95 % interval 0.0% to \d+\.\d%\)", " ".join(bulk["words"]))


def test_two_reviewers_see_each_others_decisions_and_where_they_disagree(corpus):
    ada, grace = page_of(corpus), page_of(corpus, reviewer="Grace")
    key = key_of(ada, "Bonjour.")
    ada.ask("decide", keys=[key], status="accepted", reason="")
    view = grace.ask("changes")["view"]
    assert [row["others"] for row in view["rows"] if row["key"] == key] == [{"Ada": "accepted"}]
    assert "view" not in grace.ask("changes")
    grace.ask("decide", keys=[key], status="rejected", reason="")
    (row,) = [row for row in ada.ask("changes")["view"]["rows"] if row["key"] == key]
    assert "conflict" in row["flags"]
    (agreement,) = ada.ask("stats")["stats"]["agreement"]
    assert (agreement["reviewers"], agreement["units"], agreement["agreed"]) == (["Ada", "Grace"], 1, 0)


def test_documents_are_listed_with_what_is_decided_and_assigned(corpus):
    corpus.add(alignment("other", FRENCH[:1], ENGLISH[:1], BEADS[:1]))
    page = page_of(corpus)
    page.ask("assign", alignment=2, reviewer="Grace")
    page.ask("decide", keys=[key_of(page, "Fin.")], status="flagged", reason="")
    listed = page.ask("documents")["documents"]
    assert [(one["document"], one["beads"], one["decided"], one["reviewer"]) for one in listed] == [
        ("dialogue.fr.txt – dialogue.en.txt", 6, 1, ""),
        ("other.fr.txt – other.en.txt", 1, 0, "Grace"),
    ]


def test_who_reviews_is_asked_once_and_kept(corpus, config):
    page = Page(aligner.review(corpus))
    assert page.ask("open")["reviewer"] == ""
    assert "name" in page.refused("stats")
    assert "name" in page.refused("who", reviewer="  ")
    answer = page.ask("who", reviewer=" Ada  Lovelace ")
    assert (answer["reviewer"], answer["view"]["total"]) == ("Ada Lovelace", 6)
    assert [path.read_text(encoding="utf-8") for path in config.iterdir()] == ["Ada Lovelace\n"]
    assert Page(aligner.review(corpus)).ask("open")["reviewer"] == "Ada Lovelace"


def test_a_name_that_cannot_be_kept_is_no_obstacle(corpus, config, caplog):
    config.write_text("a file where a folder should be")
    page = Page(aligner.review(corpus))
    assert page.ask("who", reviewer="Ada")["reviewer"] == "Ada"
    assert "cannot be kept" in caplog.text


def test_a_corpus_is_given_by_path_and_one_document_by_name(tmp_path, corpus):
    corpus.add(alignment("other", FRENCH[:1], ENGLISH[:1], BEADS[:1]))
    page = page_of(str(tmp_path / "c.db"), document="other.en.txt", order="document")
    view = page.ask("open")["view"]
    assert (view["total"], view["order"], view["context"]) == (1, "document", False)
    with pytest.raises(ReviewError, match=r"no document 'third\.txt'.*dialogue\.fr\.txt"):
        aligner.review(corpus, document="third.txt")
    with pytest.raises(ReviewError, match="no order"):
        aligner.review(corpus, order="random")
    with pytest.raises(CorpusError):
        aligner.review(tmp_path / "missing.db")


def test_without_anywidget_it_is_said_what_to_install(corpus, monkeypatch):
    monkeypatch.setattr("aligner.reviewing.notebook.opening.find_spec", lambda name: None)
    with pytest.raises(ReviewError, match=r"pip install 'aligner\[notebooks\]'"):
        aligner.review(corpus)


def seen(page, keys):
    """The rows that the model has something to say of, when it has said all; they may come in several answers."""
    rows = {}
    while True:
        answer = page.ask("marks", keys=keys)
        rows |= {row["key"]: row for row in answer.get("rows", [])}
        if not answer["pending"]:
            return rows, answer
        time.sleep(0.05)


@pytest.mark.usefixtures("model")
def test_a_new_bead_is_scored_and_words_without_counterpart_are_marked_while_the_reviewer_reads(tmp_path):
    french = ["Le pont sera fermé du 3 au 9 mai.", "Les piétons passeront par la rive gauche.", "Merci de votre patience."]
    english = ["The bridge will be closed from 3 to 8 May.", "Pedestrians will use the left bank.", "Thank you for your patience."]
    with Corpus(tmp_path / "bridge.db") as corpus:
        corpus.add(alignment("bridge", french, english, tuple(Bead((number,), (number,), 0.9, 0.8) for number in range(3))))
        page = page_of(corpus)
        merged = page.ask("merge", key=key_of(page, french[1]), direction="next")["view"]
        (new,) = [row for row in merged["rows"] if row["probability"] is None]
        rows, _ = seen(page, [row["key"] for row in merged["rows"]])
        assert rows[new["key"]]["probability"] > 0.5
        assert rows[new["key"]]["cosine"] > 0.5
        first = next(row for row in rows.values() if row["source"] == french[0])
        words = [
            [first[side][start:end] for start, end in ranges] for side, ranges in zip(("source", "target"), first["marks"], strict=True)
        ]
        assert words == [["9"], ["8"]]
        # One that was undone and comes back gets it again, though its marks are known already.
        page.ask("undo")
        again = page.ask("redo")["view"]["rows"]
        (bare,) = [row for row in again if row["probability"] is None]
        assert bare["marks"] is not None
        rows, _ = seen(page, [bare["key"]])
        assert rows[bare["key"]]["probability"] > 0.5
        # What was found stays: in the corpus, and with the rows that are sent from now on.
        again = page_of(corpus).ask("open")["view"]["rows"]
        assert next(row["probability"] for row in again if row["key"] == new["key"]) == rows[new["key"]]["probability"]
        assert all(row["marks"] is not None for row in page.ask("open")["view"]["rows"])


@pytest.mark.usefixtures("model")
def test_a_document_is_aligned_anew_around_what_is_decided(tmp_path):
    french = ["Le musée ouvre à neuf heures.", "Il ferme à midi.", "Les chiens restent dehors.", "Bonne visite !"]
    english = ["The museum opens at nine o'clock.", "It closes at noon.", "Dogs stay outside.", "Enjoy your visit!"]
    shifted = (Bead((0,), (0,), 0.9, 0.8), Bead((1,), (), 0.6), Bead((2,), (1,), 0.4, 0.1), Bead((3,), (2,), 0.4, 0.1), Bead((), (3,), 0.6))
    with Corpus(tmp_path / "museum.db") as corpus:
        corpus.add(alignment("museum", french, english, shifted))
        page = page_of(corpus)
        key = key_of(page, french[0])
        page.ask("decide", keys=[key], status="accepted", reason="")
        answer = page.ask("realign", key=key)
        assert set(texts(answer["view"])) == set(zip(french, english, strict=True))
        assert [row["status"] for row in answer["view"]["rows"] if row["key"] == key] == ["accepted"]
        page.ask("undo")
        assert (french[3], english[2]) in texts(page.ask("open")["view"])


def test_without_an_encoder_rows_are_reviewed_all_the_same_and_it_is_said_once(corpus):
    page = page_of(corpus)
    keys = [row["key"] for row in page.ask("open")["view"]["rows"]]
    rows, answer = seen(page, keys)
    assert rows == {}
    assert "no encoder in this test" in answer["message"]
    assert "message" not in page.ask("marks", keys=keys)
    page.ask("decide", keys=keys[:1], status="accepted", reason="")
    assert "no encoder" in page.refused("realign", key=keys[1])


PAGE = Path(aligner.__file__).parent / "reviewing" / "notebook" / "page"


def test_every_module_of_the_page_is_in_it_once_and_none_refers_to_another_file():
    from aligner.reviewing.notebook.widget import page_module

    module = page_module()
    for path in PAGE.glob("*.js"):
        names = re.findall(r"^export (?:async )?(?:const|class|function) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(len(re.findall(rf"^(?:async )?(?:const|class|function) {name}\b", module, re.MULTILINE)) == 1 for name in names), path
    assert not re.search(r"^import|^export (?!default)|\bimport\(", module, re.MULTILINE)


def test_the_page_fetches_nothing_and_makes_no_markup_of_texts():
    everything = "".join(path.read_text(encoding="utf-8") for path in PAGE.iterdir() if path.suffix in {".js", ".css"})
    assert not re.search(
        r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\bfetch\(|XMLHttpRequest|@import|url\(", everything
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_page_is_one_valid_module(tmp_path):
    from aligner.reviewing.notebook.widget import page_module

    (tmp_path / "page.mjs").write_text(page_module(), encoding="utf-8")
    subprocess.run(["node", "--check", str(tmp_path / "page.mjs")], check=True)


def test_importing_the_package_does_not_import_the_widget():
    code = "import aligner, sys; aligner.review; print({'anywidget', 'ipywidgets'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
