"""Decisions over new alignments and later versions of the texts: they stay with their words, and go nowhere else."""

import random
from contextlib import suppress

import pytest
from test_corpus import align

from aligner.corpus import Corpus
from aligner.corpus.adding import beads_in, texts_of
from aligner.corpus.beads import text_of
from aligner.errors import ReviewError
from aligner.reviewing.session import ReviewSession
from aligner.types import Bead

PASSAGES = 12
"""Of each kind: inserted, deleted, divided otherwise."""


def sentences(number, seed, lang):
    """Sentences of which one in eight stands at several places, as in minutes and forms."""
    rng = random.Random(seed)
    words = "lune soleil rivière pont maison nuit jour route forêt ville".split()
    return [
        f"{lang} formule {i % 5}." if i % 8 == 0 else f"{lang} {' '.join(rng.choices(words, k=6))} {rng.randrange(10**6)}."
        for i in range(number)
    ]


def aligned(source, target, rng):
    """Beads over two lists of which segment i of one mostly corresponds to segment i of the other: 1-1, 2-2 and nulls, at random."""
    beads, i = [], 0
    while i < min(len(source), len(target)):
        size = 2 if rng.random() < 0.1 and i + 2 <= min(len(source), len(target)) else 1
        numbers = tuple(range(i, i + size))
        if rng.random() < 0.05:
            beads += [Bead((n,), (), 0.5) for n in numbers] + [Bead((), (n,), 0.5) for n in numbers]
        else:
            beads.append(Bead(numbers, numbers, 0.5 + rng.random() / 2, 0.7))
        i += size
    beads += [Bead((n,), (), 0.5) for n in range(i, len(source))]
    return beads + [Bead((), (n,), 0.5) for n in range(i, len(target))]


def reviewed(corpus, rng):
    """A reviewer who merges, splits, edits, unlinks, and accepts most of what there is."""
    session = ReviewSession(corpus, reviewer="Ada")
    session.view(order="document")
    for _ in range(60):
        row = session.rows(rng.randrange(session.total - 1), 1)[0]
        if "null" in row.flags:
            continue
        act = rng.choice(["merge", "split", "edit", "unlink"])
        with suppress(ReviewError):  # where it cannot be done
            if act == "merge":
                session.merge(row.key)
            elif act == "split":
                session.split(row.key, len(row.source) // 2, len(row.target) // 2)
            elif act == "edit":
                session.edit(row.key, f"{row.source} Bis.", row.target)
            elif act == "unlink":
                session.unlink(row.key)
    session.decide(rng.sample(session.keys, session.total * 4 // 5), "accepted")
    return session


def revised(source, target, rng, passages=PASSAGES):
    """The same texts with passages inserted, deleted and divided otherwise, on both sides alike."""
    both = list(zip(source, target, strict=True))
    for number in range(passages):
        place = rng.randrange(len(both))
        both[place:place] = [(f"Ajout {number} {k}.", f"Addition {number} {k}.") for k in range(3)]
        place = rng.randrange(len(both) - 4)
        del both[place : place + 3]
        place = rng.randrange(len(both) - 2)
        first, second = both[place : place + 2]
        both[place : place + 2] = [(f"{first[0]} {second[0]}", f"{first[1]} {second[1]}")]
    return [one for one, _ in both], [other for _, other in both]


def standing(corpus, alignment):
    """Each bead's decided status with the words of the documents that it stands on."""
    with corpus.reading() as connection:
        documents, beads = texts_of(connection, alignment), beads_in(connection, alignment)
    statuses = {row.unit: row.status for row in every_row(corpus)}
    return [
        (bead, tuple(text_of(document, [span]) for document, spans in sides for span in spans), statuses.get(bead.unit))
        for bead in beads
        for sides in [((documents.source, bead.source_spans), (documents.target, bead.target_spans))]
    ]


def every_row(corpus):
    session = ReviewSession(corpus, reviewer="Nobody")
    return session.rows(0, session.total)


@pytest.mark.parametrize("seed", range(5))
def test_decisions_on_unchanged_text_stay_when_passages_are_inserted_deleted_and_divided_otherwise(seed, tmp_path):
    rng = random.Random(seed)
    source, target = sentences(400, seed, "La"), sentences(400, seed, "The")
    with Corpus(tmp_path / "corpus.db") as corpus:
        corpus.add(align(source, target, aligned(source, target, rng)))
        reviewed(corpus, rng)
        before = standing(corpus, 1)
        new_source, new_target = revised(source, target, rng)
        corpus.add(align(new_source, new_target, aligned(new_source, new_target, rng)))
        after = standing(corpus, 2)
        decided = [(bead.unit, words, status) for bead, words, status in before if status == "accepted"]
        counts = [{text: texts.count(text) for text in texts} for texts in (source + target, new_source + new_target)]
        # Of a text that stands at several places, some of which are gone, it cannot be said which is unchanged.
        whole = [one for one in decided if all(counts[0].get(word, 0) == counts[1].get(word, 0) == 1 for word in one[1])]
        there = {(bead.unit, words): status for bead, words, status in after}
        kept = sum(there.get((unit, words)) == status for unit, words, status in whole)
        assert len(whole) > 150
        assert kept >= 0.99 * len(whole), f"{kept} of {len(whole)}"
        decided_units = {unit: words for unit, words, _ in decided}
        for bead, words, status in after:
            if status == "accepted":
                assert " ".join(words) == " ".join(decided_units[bead.unit])


@pytest.mark.parametrize("seed", range(20))
def test_after_any_revision_every_text_stands_in_one_bead(seed):
    rng = random.Random(seed)
    source, target = sentences(50, seed, "La"), sentences(50, seed, "The")
    with Corpus("sqlite://") as corpus:
        corpus.add(align(source, target, aligned(source, target, rng)))
        reviewed(corpus, rng)
        new = revised(source, target, rng, passages=2)
        for alignment in (align(*new, aligned(*new, rng)), align(source, target, aligned(source, target, rng))):
            corpus.add(alignment)
            with corpus.reading() as connection:
                current = connection.exec_driver_sql("SELECT id FROM alignments WHERE superseded_by IS NULL").scalars().all()
                assert len(current) == 1
                beads, documents = beads_in(connection, current[0]), texts_of(connection, current[0])
            for side, text in (("source", documents.source), ("target", documents.target)):
                pieces = sorted(span for bead in beads for _, span in bead.pieces(side))
                assert "".join("".join(text[start:end].split()) for start, end in pieces) == "".join(text.split())
            assert corpus.add(alignment).occurrences == 0
