"""A reviewer at work: what is decided, changed and taken back, and what another one sees of it."""

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from test_corpus import BEADS, ENGLISH, FRENCH, PROVENANCE, align

from aligner.corpus import Corpus, actions, listing
from aligner.corpus.adding import beads_in
from aligner.errors import CorpusError, ReviewError
from aligner.reviewing import wording
from aligner.reviewing.filters import Filter
from aligner.reviewing.keys import place_of
from aligner.reviewing.replacing import Pattern
from aligner.reviewing.scorer import Score
from aligner.reviewing.session import ReviewSession
from aligner.types import Bead


@pytest.fixture
def corpus(url):
    with Corpus(url) as corpus:
        corpus.add(align())
        yield corpus


@pytest.fixture
def session(corpus):
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(order="document")
    return session


def texts(session):
    return [(row.source, row.target) for row in session.rows(0, session.total)]


def at(session, source):
    """The key of the first bead with this source."""
    return next(row.key for row in session.rows(0, session.total) if row.source == source)


def test_the_doubtful_come_first_and_the_documents_order_is_there_for_the_asking(corpus):
    session = ReviewSession(corpus, reviewer="Ada")
    assert [row.probability for row in session.rows(0, 9)] == [0.4, 0.7, 0.8, 0.95, 0.99]
    session.view(order="document")
    assert [row.place for row in session.rows(0, 9)] == [1, 2, 3, 4, 5]
    assert [row.of for row in session.rows(1, 2)] == [5, 5]


def test_a_row_tells_all_about_a_bead(session):
    row = session.rows(1, 1)[0]
    assert (row.source, row.target, row.shape, row.document) == (
        "Il pleut. Il pleut encore.",
        "It rains, and rains.",
        "2-1",
        "dialogue.fr.txt – dialogue.en.txt",
    )
    assert [row.source[start:end] for start, end in row.source_parts] == ["Il pleut.", "Il pleut encore."]
    assert (row.status, row.reviewer, row.others, row.flags, row.original) == ("unreviewed", "", {}, (), None)
    assert session.rows(2, 1)[0].flags == ("null",)


def test_neighbours_in_the_document_are_given_whatever_the_view_shows(session):
    key = session.keys[1]
    session.view(Filter(status=frozenset({"accepted"})))
    assert session.total == 0
    above, below = session.context(key)
    assert [row.source for row in above] == ["Bonjour."]
    assert [row.target for row in below] == ["", "Goodbye."]


def test_a_decision_is_on_disk_when_the_call_returns_and_goes_with_the_unit(session, url):
    done = session.decide(session.keys[0], "accepted")
    assert done.message == "accepted"
    assert done.keys == (session.keys[0], session.keys[4])  # the same unit stands there twice
    assert [row.status for row in session.rows(0, 9)] == ["accepted", "unreviewed", "unreviewed", "unreviewed", "accepted"]
    with Corpus(url) as again:
        assert [unit.status for unit in again.units()] == ["accepted", "unreviewed"]


def test_what_does_not_reach_the_disk_is_not_shown_as_decided(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "corpus.db"
    with Corpus(path) as corpus:
        corpus.add(align())
        session = ReviewSession(corpus, reviewer="Ada")
        key = session.keys[0]
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name("corpus.db-wal").stat().st_size, before[1]))  # as a full disk does
        try:
            with pytest.raises(CorpusError):
                session.decide(key, "accepted")
            with pytest.raises(CorpusError):
                session.merge(key, "previous")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (session.counts["accepted"], session.keys[0], session.total) == (0, key, 5)
        assert session.decide(key, "accepted").keys == (key,)
        assert session.counts["accepted"] == 1


def test_a_range_is_decided_at_once_and_taken_back_at_once(session):
    session.decide(session.keys[1:4], "rejected", "misaligned")
    assert [(row.status, row.reason) for row in session.rows(1, 3)] == [("rejected", "misaligned")] * 3
    assert session.undo().message == "undone: 3 rejected"
    assert {row.status for row in session.rows(0, 9)} == {"unreviewed"}


def test_unknown_statuses_reasons_and_keys_are_refused(session):
    with pytest.raises(CorpusError, match="no status 'good'"):
        session.decide(session.keys, "good")
    with pytest.raises(ReviewError, match=r"no reason 'ugly': it is one of unrelated, misaligned"):
        session.decide(session.keys, "rejected", "ugly")
    with pytest.raises(ReviewError, match="somebody has changed"):
        session.decide("1:77.0:00000000", "accepted")
    with pytest.raises(ReviewError, match="key such as"):
        session.decide("x", "accepted")
    with pytest.raises(ReviewError, match="name was wanted"):
        ReviewSession(session.corpus, reviewer=" ")


def test_an_edit_makes_a_new_unit_and_keeps_what_the_documents_say(session):
    session.edit(session.keys[0], "Salut !", "Hi!")
    row = session.rows(0, 1)[0]
    assert (row.source, row.target, row.original, row.flags) == ("Salut !", "Hi!", ("Bonjour.", "Good morning."), ("edited",))
    assert session.rows(4, 1)[0].source == "Bonjour."  # where the same unit stood elsewhere
    assert {unit.source for unit in session.corpus.units()} >= {"Salut !", "Bonjour."}
    session.undo()
    assert session.rows(0, 1)[0].original is None
    with pytest.raises(ReviewError, match="nothing was changed"):
        session.edit(session.keys[0], " Bonjour.", "Good  morning.")
    with pytest.raises(ReviewError, match="would be empty"):
        session.edit(session.keys[0], "", "Good morning.")
    with pytest.raises(ReviewError, match="no target here"):
        session.edit(session.keys[2], "Au revoir.", "Goodbye.")


def test_merging_joins_neighbours_and_edited_words(session):
    session.edit(session.keys[0], "Salut !", "Hi!")
    session.merge(session.keys[0])
    assert texts(session)[0] == ("Salut ! Il pleut. Il pleut encore.", "Hi! It rains, and rains.")
    session.merge(session.keys[1], "previous")
    assert texts(session)[0][0].endswith("Au revoir.")
    with pytest.raises(ReviewError, match="no previous row"):
        session.merge(session.keys[0], "previous")


def test_a_corpus_in_memory_has_one_connection_and_is_mended_all_the_same():
    with Corpus("sqlite://") as corpus:
        corpus.add(align())
        session = ReviewSession(corpus, reviewer="Ada")
        session.view(order="document")
        session.merge(session.keys[0])
        session.replace(Pattern("oo"), "00")
        again = ReviewSession(corpus, reviewer="Grace")
        again.view(Filter(flags=frozenset({"edited"})), "document")
        assert [row.target for row in again.rows(0, 9)] == ["G00d morning. It rains, and rains.", "G00dbye.", "G00d morning."]


def test_segments_of_one_side_cannot_be_merged(session):
    session.unlink(session.keys[1])
    with pytest.raises(ReviewError, match="one side alone"):
        session.merge(session.keys[1])


def test_a_split_cuts_where_the_cursors_stand_inside_a_segment_too(session):
    session.split(session.keys[1], len("Il pleut."), len("It rains,"))
    assert texts(session)[1:3] == [("Il pleut.", "It rains,"), ("Il pleut encore.", "and rains.")]
    beads = list(session.corpus.units())
    assert (beads[1].target_spans, beads[2].target_spans) == (((14, 23),), ((24, 34),))
    session.merge(session.keys[1])
    assert texts(session)[1] == ("Il pleut. Il pleut encore.", "It rains, and rains.")
    assert session.rows(1, 1)[0].shape == "2-1"


@pytest.mark.parametrize("blank", [" ", "  ", "\n", "\u00a0"])
def test_a_split_leaves_before_the_cursor_what_stands_there_wherever_it_is(tmp_path, blank):
    source, target = f" Elle{blank}regrette tout, et rien. ", "She regrets all, and nothing."
    with Corpus(tmp_path / "split.db") as corpus:
        corpus.add(align([source], [target], [Bead((0,), (0,), 0.9, 0.9)]))
        session = ReviewSession(corpus, reviewer="Ada")
        shown = session.rows(0, 1)[0].source
        for at in range(1, len(shown)):
            session.split(session.keys[0], at, len(target))
            assert (session.rows(0, 1)[0].source, session.rows(1, 1)[0].source) == (shown[:at].strip(), shown[at:].strip())
            session.undo()


def test_a_split_at_the_end_of_one_side_leaves_the_rest_without_counterpart(session):
    session.split(session.keys[1], len("Il pleut."), len("It rains, and rains."))
    assert texts(session)[1:3] == [("Il pleut.", "It rains, and rains."), ("Il pleut encore.", "")]
    with pytest.raises(ReviewError, match="nothing would be cut off"):
        session.split(session.keys[1], 0, 0)


def test_a_split_of_edited_words_cuts_them_where_asked(session):
    session.edit(session.keys[1], "Il pleut fort. Il pleut encore.", "It rains, and rains.")
    session.split(session.keys[1], len("Il pleut fort."), len("It rains,"))
    assert texts(session)[1:3] == [("Il pleut fort.", "It rains,"), ("Il pleut encore.", "and rains.")]
    assert [row.original for row in session.rows(1, 2)] == [("Il pleut.", "It rains,"), None]


def test_sentences_move_up_and_down_on_the_side_asked_for(session):
    session.move(session.keys[1], "source", "down")
    assert texts(session)[1:4] == [("Il pleut.", "It rains, and rains."), ("Il pleut encore.", ""), ("Au revoir.", "")]
    session.undo()
    session.move(session.keys[1], "source", "up")
    assert texts(session)[:2] == [("Bonjour. Il pleut.", "Good morning."), ("Il pleut encore.", "It rains, and rains.")]
    with pytest.raises(ReviewError, match="nothing above"):
        session.move(session.keys[0], "target", "up")
    with pytest.raises(ReviewError, match="no target sentence here"):
        session.move(session.keys[2], "target", "down")


def test_a_null_becomes_linked_when_a_sentence_moves_to_it(session):
    session.move(session.keys[2], "source", "down")
    assert texts(session)[2] == ("Au revoir.", "Goodbye.")
    assert session.total == 4


def test_distant_beads_are_linked_and_put_back_where_they_stood(session):
    before = texts(session)
    session.link(session.keys[2], session.keys[3])
    assert ("Au revoir.", "Goodbye.") in texts(session)
    session.undo()
    session.link(session.keys[3], session.keys[0])
    session.undo()
    assert texts(session) == before
    with pytest.raises(ReviewError, match="linked to itself"):
        session.link(session.keys[0], session.keys[0])


def test_marking_null_takes_apart_and_accepts(session, corpus):
    session.mark_null(session.keys[1])
    assert [(row.source or row.target, row.status) for row in session.rows(1, 3)] == [
        ("Il pleut.", "accepted"),
        ("Il pleut encore.", "accepted"),
        ("It rains, and rains.", "accepted"),
    ]
    session.mark_null(session.keys[4])
    assert session.rows(4, 1)[0].status == "accepted"
    (reviewed,) = corpus.reviewed()
    assert Bead((1,), (), 1.0) in reviewed.accepted


def test_undo_goes_back_to_the_beginning_over_sessions_and_redo_forth_again(corpus):
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(order="document")
    seen = [[dataclasses.replace(row, at="") for row in session.rows(0, 99)]]
    for act in (
        lambda: session.decide(session.keys[0], "accepted"),
        lambda: session.merge(session.keys[1]),
        lambda: session.split(session.keys[1], 9, 3),
        lambda: session.edit(session.keys[1], "a", "b"),
        lambda: session.comment(session.keys[1], "hm"),
        lambda: session.unlink(session.keys[2]),
    ):
        act()
        seen.append([dataclasses.replace(row, at="") for row in session.rows(0, 99)])
    again = ReviewSession(corpus, reviewer="Ada")
    for state in seen[-2::-1]:
        again.undo()
        assert [dataclasses.replace(row, at="") for row in again.rows(0, 99)] == state
    with pytest.raises(ReviewError, match="nothing to undo"):
        again.undo()
    again = ReviewSession(corpus, reviewer="Ada")
    for state in seen[1:]:
        again.redo()
        assert [dataclasses.replace(row, at="") for row in again.rows(0, 99)] == state
    with pytest.raises(ReviewError, match="nothing to redo"):
        again.redo()


def test_what_was_undone_cannot_come_back_after_something_else_was_done(session):
    session.decide(session.keys[0], "accepted")
    session.undo()
    session.decide(session.keys[1], "accepted")
    with pytest.raises(ReviewError, match="nothing to redo"):
        session.redo()
    session.undo()
    session.redo()
    assert [row.status for row in session.rows(0, 2)] == ["unreviewed", "accepted"]


def test_reviewers_undo_their_own_and_what_others_decided_since_stays(session, corpus):
    grace = ReviewSession(corpus, reviewer="Grace")
    session.decide(session.keys[0], "accepted")
    grace.changes()
    grace.decide(session.keys[0], "rejected")
    done = session.undo()
    assert "decided otherwise since" in done.message
    assert session.rows(0, 1)[0].status == "rejected"
    with pytest.raises(ReviewError, match="nothing to undo"):
        session.undo()


def test_what_another_has_changed_is_not_overwritten(session, corpus):
    grace = ReviewSession(corpus, reviewer="Grace")
    seen = session.keys[1]
    session.split(seen, 9, 9)
    for act in (lambda: grace.decide(seen, "accepted"), lambda: grace.edit(seen, "x", "y"), lambda: grace.unlink(seen)):
        with pytest.raises(ReviewError, match="somebody has changed"):
            act()  # she has not seen the first half, which stands at the same place
    grace.changes()
    grace.merge(session.keys[1])
    with pytest.raises(ReviewError, match="somebody has changed"):
        session.undo()


def test_others_decisions_are_seen_and_two_that_differ_are_a_conflict(session, corpus):
    grace = ReviewSession(corpus, reviewer="Grace")
    assert not session.changes()
    grace.decide(session.keys[1], "accepted")
    assert session.changes()
    row = session.row(session.keys[1])
    assert (row.status, row.reviewer, row.others) == ("accepted", "Grace", {"Grace": "accepted"})
    session.decide(session.keys[1], "rejected", "partial")
    assert session.row(session.keys[1]).flags == ("conflict",)
    session.view(Filter(flags=frozenset({"conflict"})))
    assert session.total == 1
    grace.changes()
    grace.decide(session.keys[0], "rejected")  # having seen that they differ
    session.changes()
    assert session.rows(0, 1)[0].flags == ()
    session.view(session.filter)
    assert session.total == 0
    assert session.stats().agreement[0].kappa is None or session.stats().agreement[0].agreed <= 1


def test_what_others_change_takes_its_place_without_moving_the_rest(session, corpus):
    grace = ReviewSession(corpus, reviewer="Grace")
    session.go(3)
    here = session.keys[3]
    grace.view(order="document")
    grace.split(grace.keys[1], 9, 9)
    grace.decide(grace.keys[0], "rejected")
    assert session.changes()
    assert [row.place for row in session.rows(0, 9)] == [1, 2, 3, 4, 5, 6]
    assert (session.keys[session.cursor], session.cursor) == (here, 4)
    assert session.rows(0, 1)[0].others == {"Grace": "rejected"}
    grace.undo()
    grace.undo()
    assert session.changes()
    assert texts(session)[1] == ("Il pleut. Il pleut encore.", "It rains, and rains.")
    assert session.rows(0, 1)[0].others == {}
    session.view(Filter(shapes=frozenset({"0-1"})))
    grace.merge(grace.keys[0])
    assert session.changes()
    assert session.total == 1


def test_a_second_reviewer_sees_what_is_open_to_them(session, corpus):
    session.decide(session.keys[1:4], "accepted")
    grace = ReviewSession(corpus, reviewer="Grace")
    grace.view(Filter(open_to_me=True), "document")
    assert grace.total == 5
    grace.decide(grace.keys[1], "rejected")
    grace.view(grace.filter, "document")
    assert [row.place for row in grace.rows(0, 9)] == [1, 3, 4, 5]
    grace.undo()
    grace.view(grace.filter, "document")
    assert grace.total == 5


def test_agreement_is_cohens_kappa(corpus):
    number = 10
    corpus.add(
        align(
            [f"A {i}" for i in range(number)],
            [f"B {i}" for i in range(number)],
            [Bead((i,), (i,), 0.5, 0.5) for i in range(number)],
            name="x",
        )
    )
    for name, accepted in (("Ada", 5), ("Grace", 7)):
        session = ReviewSession(corpus, reviewer=name)
        session.view(Filter(document="x.fr"), "document")
        session.decide(session.keys[:accepted], "accepted")
        session.decide(session.keys[accepted:], "rejected")
    (agreement,) = session.stats().agreement
    assert (agreement.reviewers, agreement.units, agreement.agreed) == (("Ada", "Grace"), 10, 8)
    # By hand: observed .8, by chance .5 · .7 + .5 · .3 = .5.
    assert agreement.kappa == pytest.approx(0.6)


def test_a_reviewer_is_where_they_were_when_they_come_back(corpus):
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(Filter(shapes=frozenset({"1-1"})), "document")
    session.go(1)
    session.keep_place()
    again = ReviewSession(corpus, reviewer="Ada")
    assert (again.total, again.cursor, again.order, again.filter) == (2, 1, "document", session.filter)
    assert ReviewSession(corpus, reviewer="Grace").total == 5


def test_what_a_bookmark_of_another_version_says_that_is_not_known_here_is_left_out_and_said(corpus, caplog):
    kept = Filter(status=frozenset({"unreviewed"}), flags=frozenset({"null"}), document="dialogue").as_json()
    strange = {**kept, "flags": ["null", "numbers_of_2031"], "shapes": ["1-2-3"], "probability": "high", "colour": "red", "mine": "yes"}
    place = {"filter": strange, "order": "by colour", "key": "1:3.0:", "samples": [[0.9, [["u", 0.95]], True]], "zoom": 2}
    with corpus.writing() as connection:
        actions.keep_place(connection, "Ada", place)
    session = ReviewSession(corpus, reviewer="Ada")
    assert session.filter == Filter(status=frozenset({"unreviewed"}), flags=frozenset({"null"}), document="dialogue")
    assert (session.order, session.total, session.rows(session.cursor, 1)[0].target) == ("doubt", 2, "Goodbye.")
    assert session.bulk(0.9).checked == 1
    said = " ".join(record.getMessage() for record in caplog.records)
    assert all(word in said for word in ("numbers_of_2031", "1-2-3", "high", "colour", "yes", "by colour", "zoom"))
    for broken in ({"filter": 3, "key": 7, "samples": [1], "order": None}, {}):
        with corpus.writing() as connection:
            actions.keep_place(connection, "Ada", broken)
        assert ReviewSession(corpus, reviewer="Ada").total == 5


def test_a_shape_that_there_is_none_of_is_refused(session):
    with pytest.raises(ReviewError, match="shapes such as 2-1 or 0-1, or other, were wanted, not 'two'"):
        session.view(Filter(shapes=frozenset({"two"})))


@pytest.mark.parametrize(("order", "left"), [("document", (0.99, 0.7, 0.8, 0.95)), ("doubt", (0.7, 0.8, 0.95, 0.99))])
def test_where_the_row_is_not_shown_any_more_the_reviewer_comes_back_to_the_next_one(corpus, order, left):
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(Filter(status=frozenset({"unreviewed"})), order)
    rows = session.rows(0, 5)
    doubtful = next(row for row in rows if row.probability == 0.4)
    session.decide(doubtful.key, "flagged")
    again = ReviewSession(corpus, reviewer="Ada")
    assert [row.probability for row in again.rows(0, 9)] == list(left)
    assert again.rows(again.cursor, 1)[0].probability == rows[rows.index(doubtful) + 1].probability


def test_documents_that_are_assigned_come_first(corpus):
    corpus.add(align(["Un autre."], ["Another."], [Bead((0,), (0,), 0.999, 0.9)], name="other"))
    session = ReviewSession(corpus, reviewer="Ada")
    assert session.rows(0, 1)[0].document.startswith("dialogue")
    session.assign(session.rows(5, 1)[0].alignment, "Ada")
    session.view()
    assert session.rows(0, 1)[0].document.startswith("other")
    session.view(Filter(mine=True))
    assert session.total == 1


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Filter(probability=(0.5, 0.96)), [3, 4, 5]),
        (Filter(flags=frozenset({"null"})), [3, 4]),
        (Filter(shapes=frozenset({"2-1"})), [2]),
        (Filter(shapes=frozenset({"other"})), [2, 3, 4]),
        (Filter(text="PLEUT"), [2]),
        (Filter(document="nowhere"), []),
        (Filter(reviewer="Grace"), []),
    ],
)
def test_a_filter_lets_through_what_it_names(session, wanted, places):
    session.view(wanted, "document")
    assert [row.place for row in session.rows(0, 9)] == places


def test_edited_and_restructured_beads_are_told_apart_by_the_filter(session):
    session.edit(session.keys[0], "Bonjour !", "Hello!")
    restructured = session.split(session.keys[1], len("Il pleut."), len("It rains,")).keys
    session.view(Filter(flags=frozenset({"edited"})))
    assert [row.source for row in session.rows(0, 9)] == ["Bonjour !"]
    session.view(Filter(flags=frozenset({"restructured"})))
    assert set(session.keys) == set(restructured)
    session.view(Filter(flags=frozenset({"edited", "restructured"})))
    assert session.total == 3


SEATS = ("Il reste 14 places.", "Voir aussi la carte.", "Il pleut."), ("There are 15 seats left.", "Voir aussi la carte.", "It rains.")


@pytest.fixture
def doubted(corpus):
    """A view of three pairs: the first one's numbers differ, the second one is a copy, nothing is wrong with the third."""
    corpus.add(align(*SEATS, [Bead((k,), (k,), 0.9, 0.9) for k in range(3)], name="seats"))
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(Filter(document="seats"), "document")
    return session


def test_a_row_says_what_may_be_wrong_with_its_texts_and_an_edit_says_it_anew(doubted):
    assert [list(row.annotations) for row in doubted.rows(0, 9)] == [["numbers"], ["language", "copy"], []]
    assert doubted.rows(0, 1)[0].annotations["numbers"] == "14 stands on the French side alone; 15 stands on the English side alone"
    (mended,) = doubted.edit(doubted.keys[0], "Il reste 15 places.", "There are 15 seats left.").keys
    assert doubted.row(mended).annotations == {}
    doubted.undo()
    assert list(doubted.rows(0, 1)[0].annotations) == ["numbers"]


def test_a_filter_takes_what_may_be_wrong_like_any_flag(doubted):
    for flags, places in ((["numbers"], [1]), (["copy"], [2]), (["numbers", "copy"], [1, 2]), (["mojibake"], [])):
        doubted.view(Filter(document="seats", flags=frozenset(flags)), "document")
        assert [row.place for row in doubted.rows(0, 9)] == places
    doubted.view(Filter(flags=frozenset({"copy", "null"})), "document")
    assert [row.source for row in doubted.rows(0, 9)] == ["Au revoir.", "", "Voir aussi la carte."]
    with pytest.raises(ReviewError, match="beads cannot be chosen by 'nonsense'"):
        doubted.view(Filter(flags=frozenset({"nonsense"})))


def test_the_cursor_goes_to_the_next_of_a_kind_and_round_again(session):
    session.go(0)
    assert [session.go("next_other") for _ in range(4)] == [1, 2, 3, 1]
    assert session.go("previous_other") == 3
    session.go(0)
    assert [session.rows(session.go("next_doubtful"), 1)[0].probability for _ in range(3)] == [0.4, 0.7, 0.8]
    assert session.go("next_flagged") is None
    session.decide(session.keys[2], "flagged")
    session.go(0)
    assert session.go("next_flagged") == 2
    assert session.go(session.keys[4]) == 4
    session.decide(session.keys[1:4], "accepted")
    assert session.go("next_doubtful") is None  # the others are sure
    with pytest.raises(ReviewError, match="no next 'ugly'"):
        session.go("next_ugly")


def test_search_and_replace_are_shown_before_they_are_done_and_are_one_action(session):
    assert session.search(Pattern("PLEUT")) == [session.keys[1]]
    assert session.search(Pattern("PLEUT", case=True)) == []
    pattern = Pattern(r"(Il) pleut", regex=True, side="source")
    (shown,) = session.preview(pattern, r"\1 neige")
    assert shown.after == ("Il neige. Il neige encore.", "It rains, and rains.")
    session.replace(pattern, r"\1 neige")
    assert texts(session)[1] == shown.after
    session.undo()
    assert texts(session)[1][0] == "Il pleut. Il pleut encore."
    session.replace(Pattern("."), "!", keys=[session.keys[0]])
    assert texts(session)[0] == ("Bonjour!", "Good morning!")
    assert texts(session)[4] == ("Bonjour.", "Good morning.")
    with pytest.raises(ReviewError, match="no regular expression"):
        session.search(Pattern("(", regex=True))
    with pytest.raises(ReviewError, match="cannot be the replacement"):
        session.preview(pattern, r"\2")
    with pytest.raises(ReviewError, match="nothing to replace"):
        session.replace(Pattern("zebra"), "lion")


def test_replacements_in_many_places_are_taken_back_in_their_places_though_the_beads_were_numbered_anew(session, corpus):
    before = texts(session)
    session.replace(Pattern("o"), "0", keys=[session.keys[number] for number in (0, 2, 3, 4)])
    corpus.add(align(beads=[BEADS[0], Bead((1,), (1,), 0.6, 0.5), Bead((2,), (), 0.9), *BEADS[2:]]))
    assert session.changes()
    session.undo()
    assert texts(session) == [before[0], ("Il pleut.", "It rains, and rains."), ("Il pleut encore.", ""), *before[2:]]
    assert [row.place for row in session.rows(0, 9)] == [1, 2, 3, 4, 5, 6]


def many(corpus, number=200):
    beads = [Bead((i,), (i,), 0.5 + 0.5 * i / number, 0.5) for i in range(number)]
    corpus.add(align([f"Phrase {i}." for i in range(number)], [f"Sentence {i}." for i in range(number)], beads, name="many"))


def test_another_view_goes_back_to_a_row_or_what_follows_it(corpus):
    many(corpus, 20)
    session = ReviewSession(corpus, reviewer="Ada")
    to_do = Filter(status=frozenset({"unreviewed"}))
    session.view(to_do)
    key, after = session.keys[5:7]
    session.view(Filter(document=2), "document")
    session.view(to_do, near=key)
    assert session.keys[session.cursor] == key
    session.decide(key, "accepted")
    session.view(Filter(document=2), "document")
    session.cursor = 0
    session.view(to_do, near=key)
    assert session.keys[session.cursor] == after


def test_accepting_many_wants_a_random_sample_checked_and_says_how_wrong_it_would_be(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    assert session.bulk(0.9).links.count == 42  # of 200, and one unit of the dialogue at its two places
    with pytest.raises(ReviewError, match="random sample of the 42 rows is to be checked first"):
        session.accept_above(0.9)
    assert session.draw(0.9, 40, seed=1) == 40
    assert session.total >= 40
    for number, key in enumerate(session.keys):
        if session.row(key).status == "unreviewed":
            session.decide(key, "rejected" if number == 3 else "accepted")
    state = session.bulk(0.9)
    assert (state.checked, state.wrong, state.pending) == (40, 1, 0)
    assert state.interval[0] < state.rate == 1 / 40 < state.interval[1] < 0.15
    done = session.accept_above(0.9)
    assert session.bulk(0.9).links.count == 0
    assert corpus.stats().by_status["accepted"] == 40
    assert session.undo().message == "undone: 1 accepted at once"
    assert "accepted" in done.message
    assert corpus.stats().by_status["accepted"] == 39


def test_any_beginning_of_a_sample_is_as_random_as_all_of_it_and_is_shown_so(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    drawn = session.draw(0.5, 100, seed=1)
    places = [int(key.split(":")[1].split(".")[0]) for key in session.keys]
    assert drawn == 100 and places != sorted(places)
    assert 60 < sum(places[:50]) / 50 < 140  # of 200, where the documents' order would put the lower half first
    again = ReviewSession(corpus, reviewer="Ada")
    assert again.keys == session.keys
    session.draw(0.5, 20, seed=2)
    assert session.keys[: again.total] == again.keys  # what was drawn before is checked before


def test_a_sample_may_be_left_early_but_nothing_in_it_passed_over(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    assert "at most 11% after 30" in wording.known_of(session.bulk(0.9))[-1]
    session.draw(0.9, 40, seed=1)
    session.decide(session.keys[:10], "accepted")
    state = session.bulk(0.9)
    assert (state.checked, state.pending, state.passed_over, state.is_checked) == (10, 30, 0, False)
    session.decide(session.keys[12:31], "accepted")
    state = session.bulk(0.9)
    assert (state.passed_over, state.is_checked) == (2, False)
    assert any("2 drawn pairs were passed over" in words for words in wording.known_of(state))
    with pytest.raises(ReviewError, match="2 of them passed over"):
        session.accept_above(0.9)
    session.decide(session.keys[10:12], "accepted")
    state = session.bulk(0.9)
    assert (state.passed_over, state.pending > 0, state.is_checked) == (0, True, True)
    session.accept_above(0.9)
    assert session.bulk(0.9).links.count == 0


def test_who_accepts_many_at_once_stays_where_they_are_and_so_does_who_takes_it_back(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    session.go(2)
    here = session.keys[2]
    for act in (lambda: session.accept_above(0.9, unchecked=True), session.undo, session.redo):
        assert session.keys[act().cursor] == session.keys[session.cursor] == here
        again = ReviewSession(corpus, reviewer="Ada")
        assert again.keys[again.cursor] == here


def test_a_filter_that_shows_nothing_does_not_lose_the_place(corpus):
    many(corpus, 20)
    session = ReviewSession(corpus, reviewer="Ada")
    session.go(7)
    here = session.keys[7]
    session.view(Filter(status=frozenset({"rejected"})))
    session.keep_place()
    session.view(Filter(status=frozenset({"flagged"})))
    again = ReviewSession(corpus, reviewer="Ada")
    for one in (session, again):
        assert one.total == 0
        one.view()
        assert one.keys[one.cursor] == here


def test_a_sample_of_nothing_is_refused(corpus):
    with pytest.raises(ReviewError, match="one row or more was wanted to draw at random, not 0"):
        ReviewSession(corpus, reviewer="Ada").draw(0.9, 0)


def test_figures_count_rows_each_unit_at_all_its_places(session, corpus):
    grace = ReviewSession(corpus, reviewer="Grace")
    session.decide(session.keys[0], "accepted")  # stands at two places
    session.decide(session.keys[1], "accepted")
    session.decide(session.keys[1], "unreviewed")
    grace.decide(grace.keys[-1], "rejected")
    session.changes()
    stats = session.stats()
    assert (stats.beads, stats.nulls, stats.mine, stats.conflicts, stats.remaining) == (5, 2, 2, 2, 3)
    assert sum(stats.by_status.values()) == session.total == stats.beads
    assert (corpus.stats().occurrences + corpus.stats().nulls, corpus.stats().units) == (stats.beads, 2)


@pytest.mark.parametrize(("value", "said"), [(0.9996, "0.999"), (1.0, "1.000"), (0.0034, "0.003"), (0.57, "0.570"), (0.289, "0.289")])
def test_probabilities_are_cut_and_not_rounded_up(value, said):
    assert wording.probability(value) == said


def test_a_sampled_unit_that_was_restructured_counts_as_wrong(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    session.draw(0.9, 40, seed=1)
    session.edit(session.keys[-1], "Autre.", "Other.")
    assert (session.bulk(0.9).wrong, session.bulk(0.9).checked) == (1, 1)
    again = ReviewSession(corpus, reviewer="Ada")
    assert again.bulk(0.9).pending == 39


def test_what_somebody_made_is_not_accepted_with_the_many_but_counted_apart(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(Filter(document="many.fr"), "document")
    before = session.bulk(0.9)
    merged = session.merge(session.keys[0]).keys[0]
    session.rescore(merged, Score(cosine=0.9, probability=0.956))
    edited = session.edit(session.keys[-1], "Autre.", "Other.").keys[0]
    session.rescore(edited, Score(cosine=0.9, probability=0.97))
    state = session.bulk(0.9)
    assert (before.links.made, before.links.count - state.links.count) == (0, 1)
    assert (state.links.made, session.bulk(0.96).links.made) == (2, 1)
    assert "2 more were merged, split" in wording.known_of(state)[1]
    drawn = session.draw(0.9, 500)
    assert drawn == state.links.count - 1  # one unit of the dialogue has two places
    session.accept_above(0.9, unchecked=True)
    assert {session.row(key).status for key in (merged, edited)} == {"unreviewed"}
    session.decide([merged, edited], "accepted")
    assert session.bulk(0.9).links.made == 0


def test_the_many_are_accepted_with_or_without_those_in_which_something_may_be_wrong(corpus):
    beads = [Bead((i,), (i,), 0.95, 0.5) for i in range(60)]
    targets = [f"There are {i + 100 * (i < 12)} of these sentences, and of others." for i in range(60)]
    corpus.add(align([f"Il y a {i} de ces phrases, et il y en a d'autres." for i in range(60)], targets, beads, name="many"))
    session = ReviewSession(corpus, reviewer="Ada")
    links = session.bulk(0.9).links
    assert (links.annotated, links.kinds) == (12, {"numbers": 12})
    without = session.bulk(0.9, annotated=False)
    assert without.links.count == links.count - 12
    assert "but for 12 in which something may be wrong" in wording.known_of(without)[0]
    session.draw(0.9, 40, annotated=False, seed=1)
    assert not any(row.annotations for row in session.rows(0, 50))
    session.decide_shown("accepted")
    assert session.bulk(0.9, annotated=False).is_checked
    assert session.bulk(0.9).checked == 0  # drawn without the doubtful, it says nothing of them
    assert ReviewSession(corpus, reviewer="Ada").bulk(0.9, annotated=False).checked == 40
    session.accept_above(0.9, annotated=False)
    assert session.bulk(0.9).links.count == 12
    assert session.undo().message.startswith("undone: ")
    session.draw(0.9, 500)
    session.decide_shown("accepted")
    assert session.bulk(0.9).is_checked
    assert session.bulk(0.9, annotated=False).checked == session.bulk(0.9).checked + 40 - 12


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda session, keys: session.merge(keys[0]), "an acceptance and a rejection are withdrawn: decide again, or Z brings them back"),
        (lambda session, keys: session.merge(keys[2], "previous"), "a rejection is withdrawn: decide again, or Z brings it back"),
        (lambda session, keys: session.edit(keys[1], "Il pleut.", "It rains."), "a rejection is withdrawn"),
        (lambda session, keys: session.move(keys[1], "source", "up"), "an acceptance and a rejection are withdrawn"),
        (lambda session, keys: session.replace(Pattern("oo"), "00"), "2 acceptances are withdrawn"),
        (lambda session, keys: session.link(keys[2], keys[3]), ""),
        (lambda session, keys: session.mark_null(keys[1]), ""),
    ],
    ids=["merge", "merge with previous", "edit", "move", "replace", "of what nobody decided", "a decision itself"],
)
def test_who_changes_what_was_decided_is_told_what_is_withdrawn_and_undo_brings_it_back(session, change, what):
    keys = session.keys
    session.decide(keys[0], "accepted")  # and the last one, which says the same
    session.decide(keys[1], "rejected")
    said = [row.status for row in session.rows(0, 9)]
    message = change(session, keys).message
    assert f"; {what}" in message if what else "withdrawn" not in message
    session.undo()
    assert [row.status for row in session.rows(0, 9)] == said


def test_everything_that_is_shown_is_rejected_at_once(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(Filter(document="many.fr"))
    session.decide_shown("rejected", "nonsense")
    assert corpus.stats().by_status == {"unreviewed": 2, "accepted": 0, "rejected": 200, "flagged": 0}
    session.undo()
    assert corpus.stats().by_status["rejected"] == 0


def test_a_decided_bead_outlives_an_alignment_of_a_later_version_of_the_text(session, corpus):
    session.split(session.keys[1], 9, 9)
    session.decide(session.keys[1], "accepted")
    session.edit(session.keys[0], "Salut !", "Hi!")
    session.decide(session.keys[6 - 1], "rejected", "other")
    longer = ["Nouveau titre", *FRENCH[:3], "Nous partons."]
    beads = [
        Bead((0,), (0,), 0.9, 0.8),
        Bead((1,), (1,), 0.9, 0.9),
        Bead((2, 3), (2,), 0.5, 0.5),
        Bead((4,), (3,), 0.7, 0.7),
        Bead((), (4,), 0.5),
    ]
    added = corpus.add(align(longer, ["New title", *ENGLISH], beads))
    assert added.carried == 3
    assert session.changes()
    assert [(row.source, row.target, row.status) for row in session.rows(0, 9)] == [
        ("Nouveau titre", "New title", "unreviewed"),
        ("Salut !", "Hi!", "unreviewed"),
        ("Il pleut.", "It rains,", "accepted"),
        ("Il pleut encore.", "and rains.", "unreviewed"),
        ("Nous partons.", "Goodbye.", "unreviewed"),
        ("", "Good morning.", "unreviewed"),
    ]
    assert "changed" in session.rows(5, 1)[0].flags
    assert corpus.stats().superseded == 1


def test_scores_of_what_a_reviewer_made_are_stored_when_they_come(session, corpus):
    done = session.merge(session.keys[0])
    (row,) = session.rescore(done.keys[0], Score(cosine=0.5, probability=0.25))
    assert (row.probability, row.cosine) == (0.25, 0.5)
    session.view()
    assert session.rows(0, 1)[0].key == row.key
    session.undo()
    session.redo()
    assert session.row(row.key).source.startswith("Bonjour. Il pleut.")


def probabilities(session):
    return [row.probability for row in session.rows(0, session.total)]


def test_a_merged_row_stays_where_it_is_seen_until_the_next_doubtful_is_asked_for_and_then_stands_by_its_score(corpus):
    many(corpus, 40)
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(Filter(document="many.fr"))
    session.go(5)
    merged = session.merge(session.keys[5]).keys[0]
    assert (session.cursor, session.keys[5], session.is_sorted) == (5, merged, False)
    session.rescore(merged, Score(cosine=0.5, probability=0.85))
    assert (session.cursor, session.keys[5], session.is_sorted) == (5, merged, False)
    assert session.go("next_doubtful") == 5
    assert session.rows(5, 1)[0].source == "Phrase 7."  # one goes on where one was
    assert session.is_sorted
    assert probabilities(session) == sorted(probabilities(session))
    assert merged in session.keys[6:]


def test_what_takes_a_place_above_comes_next_for_it_is_more_doubtful_than_all_that_follows(corpus):
    many(corpus, 40)
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(Filter(document="many.fr"))
    session.go(20)
    first, second = session.split(session.keys[20], 6, 8).keys
    session.rescore(first, Score(cosine=0.5, probability=0.95))
    session.rescore(second, Score(cosine=0.1, probability=0.01))
    assert session.keys[20:22] == [first, second]
    session.decide(first, "accepted")
    session.go(first)
    assert session.go("next_doubtful") == 0
    assert session.keys[0] == second
    assert session.go("next_doubtful") == 1
    session.undo()
    session.go(first)
    session.undo()
    assert not session.is_sorted
    session.go(0)
    assert session.go("next_doubtful") == 1
    assert probabilities(session) == sorted(probabilities(session))
    assert session.rows(20, 1)[0].source == "Phrase 20."


def test_where_nothing_else_is_doubtful_the_cursor_stays_on_its_row_wherever_that_is_now(corpus):
    session = ReviewSession(corpus, reviewer="Ada")
    session.decide(session.keys[1:], "accepted")
    session.go(0)
    edited = session.edit(session.keys[0], "Il pleut.", "It rains.").keys[0]
    session.rescore(edited, Score(cosine=0.9, probability=0.96))
    assert session.go("next_doubtful") is None
    assert (session.cursor, session.keys[session.cursor]) == (3, edited)
    session.undo()
    assert session.go("previous_doubtful") is None
    assert probabilities(session) == sorted(probabilities(session))


def test_documents_that_are_assigned_stay_first_when_the_view_is_sorted_again(corpus):
    many(corpus, 20)
    session = ReviewSession(corpus, reviewer="Ada")
    session.assign(2, "Ada")
    session.view()
    session.merge(session.keys[-1])
    session.go("next_doubtful")
    alignments = [row.alignment for row in session.rows(0, session.total)]
    assert alignments == sorted(alignments, reverse=True)


def test_a_document_is_aligned_again_around_what_is_decided(session):
    session.link(session.keys[2], session.keys[3])
    session.decide(session.keys[1], "rejected", "misaligned")

    def again(source, target, *, decided, rejected):
        assert decided == [Bead((3,), (2,), 1.0)]
        assert rejected == [Bead((1, 2), (1,), 1.0)]
        beads = [Bead((0,), (0,), 0.97, 0.9), Bead((1,), (1,), 0.6, 0.5), Bead((2,), (), 0.9), Bead((3,), (2,), 1.0, 0.9), BEADS[4]]
        return dataclasses.replace(align(), source=source, target=target, beads=tuple(beads), provenance=PROVENANCE)

    before = texts(session)
    done = session.realign(session.keys[0], again)
    assert done.message == "aligned anew: 1 undecided row changed"
    assert texts(session)[1:3] == [("Il pleut.", "It rains, and rains."), ("Il pleut encore.", "")]
    assert session.rows(0, 1)[0].probability == 0.97
    session.undo()
    assert texts(session) == before


def test_what_aligning_again_makes_is_the_aligners_and_not_decided(session):
    given = []

    def again(source, target, *, decided, rejected):
        given.append(decided)
        beads = [Bead((0,), (0,), 0.97, 0.9), Bead((1,), (1,), 0.6, 0.5), Bead((2,), (), 0.9), Bead((3,), (2,), 1.0, 0.9), BEADS[4]]
        return dataclasses.replace(align(), source=source, target=target, beads=tuple(beads), provenance=PROVENANCE)

    done = session.realign(session.keys[0], again)
    assert done.keys
    assert session.bulk(0.5).links.made == 0
    session.realign(session.keys[0], again)
    assert given == [[], []]


def carry_out(session, name, key, a, b):
    side = "source" if a % 2 else "target"
    calls = {
        "merge": lambda: session.merge(key),
        "previous": lambda: session.merge(key, "previous"),
        "split": lambda: session.split(key, a, b),
        "up": lambda: session.move(key, side, "up"),
        "down": lambda: session.move(key, side, "down"),
        "unlink": lambda: session.unlink(key),
        "link": lambda: session.link(key, session.keys[b % session.total]),
        "null": lambda: session.mark_null(key),
        "edit": lambda: session.edit(key, f"{session.row(key).source} {a}", f"{session.row(key).target}"),
        "accept": lambda: session.decide(key, "accepted"),
        "undo": session.undo,
        "redo": session.redo,
    }
    calls[name]()


def test_an_alignment_around_decisions_is_refused_where_somebody_decided_meanwhile(session, corpus):
    grace = ReviewSession(corpus, reviewer="Grace")

    def slowly(source, target, **_):
        grace.decide(session.keys[1], "accepted")
        return dataclasses.replace(align(), source=source, target=target, beads=tuple(BEADS))

    with pytest.raises(ReviewError, match="meanwhile: align it again"):
        session.realign(session.keys[0], slowly)


def test_a_score_that_comes_late_is_not_given_to_another_bead(session, corpus):
    key = session.merge(session.keys[0]).keys[0]

    ReviewSession(corpus, reviewer="Ada").undo()
    assert session.rescore(key, Score(cosine=0.5, probability=0.123)) == []
    session.changes()
    assert [row.probability for row in session.rows(0, 2)] == [0.99, 0.4]


def test_a_flagged_one_of_a_sample_still_waits_to_be_decided(corpus):
    many(corpus)
    session = ReviewSession(corpus, reviewer="Ada")
    session.draw(0.9, 40, seed=1)
    session.decide(session.keys[-1], "flagged")
    assert session.bulk(0.9).pending == 40
    session.view(session.filter, session.order)
    assert session.total >= 40
    assert ReviewSession(corpus, reviewer="Ada").filter.sampled


ACTS = st.sampled_from(["merge", "previous", "split", "up", "down", "unlink", "link", "null", "edit", "accept", "undo", "redo"])


@settings(deadline=None, max_examples=80)
@given(acts=st.lists(st.tuples(ACTS, st.integers(0, 99), st.integers(0, 40), st.integers(0, 40)), max_size=14))
def test_whatever_is_done_every_text_stands_in_one_bead_and_undo_brings_the_beginning_back(acts):
    with Corpus("sqlite://") as corpus:
        corpus.add(align())
        session = ReviewSession(corpus, reviewer="Ada")
        session.view(order="document")
        doubt = ReviewSession(corpus, reviewer="Grace")
        beginning = texts(session)
        for name, number, a, b in acts:
            try:
                carry_out(session, name, session.keys[number % session.total], a, b)
            except ReviewError:
                continue
            with corpus.reading() as connection:
                beads = beads_in(connection, 1)
            for side_, whole in (("source", FRENCH), ("target", ENGLISH)):
                document = "\n".join(whole)
                pieces = sorted(span for bead in beads for _, span in bead.pieces(side_))
                assert "".join("".join(document[start:end].split()) for start, end in pieces) == "".join("".join(whole).split())
                assert all(one[1] <= other[0] for one, other in pairwise(pieces))
            doubt.changes()
            doubt.go("next_doubtful")
            ranks = [(row.probability or 0, place_of(row.key)) for row in doubt.rows(0, doubt.total)]
            assert ranks == sorted(ranks)
            assert session.keys == [row.key for row in session.rows(0, session.total)]
            assert [row.place for row in session.rows(0, session.total)] == list(range(1, session.total + 1))
        with pytest.raises(ReviewError, match="nothing to undo"):
            while True:
                session.undo()
        assert texts(session) == beginning


def test_rows_are_looked_up_in_a_large_corpus_and_not_searched(tmp_path):
    asked = []
    with Corpus(tmp_path / "sqlite.db") as corpus, corpus.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        listing.details(connection, [(1, float(number)) for number in range(5)])
        (query,) = asked
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query[0]}", query[1])]
    assert [step for step in plan if "occurrences" in step] == ["SEARCH occurrences USING PRIMARY KEY (alignment=? AND position=?)"]
