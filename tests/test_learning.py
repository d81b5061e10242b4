"""Learning from gold and from reviewed corpora: what is decided is kept, what is not is left open, few data move little."""

from __future__ import annotations

import logging
import re
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from counting import CountingEncoder
from hashed import embed

from aligner.alignment.agreement import agreeing
from aligner.alignment.band import full_band
from aligner.alignment.evidence import Evidence, Segments, gather
from aligner.alignment.moves import MOVE_NUMBER
from aligner.alignment.training import LEVELS, NEAR, Example, GoldPair, fit
from aligner.alignment.weights import WEIGHT_NAMES, load_weights
from aligner.cli import main
from aligner.cli.train import DEFAULT_HOLD_OUT
from aligner.corpus import Corpus
from aligner.errors import InputError
from aligner.formats.gold import read_sources
from aligner.learning import HOLD_OUT, LEAST_BEADS, Plan, train_from_corpus, train_from_gold
from aligner.types import Alignment, Bead, Document, Provenance


def four_words() -> tuple[Segments, Segments, Evidence]:
    """Two documents of four one-word segments each, with every bead allowed."""
    texts = ["un", "deux", "trois", "quatre"]
    sides = Segments.embedded(texts, embed), Segments.embedded(texts, embed)
    evidence = gather(*sides, embed)
    assert evidence.band.size == full_band(4, 4).size
    return *sides, evidence


def test_undecided_segments_are_free_and_decided_links_are_not() -> None:
    source, target, evidence = four_words()
    pair = GoldPair(source, target, [Bead((1,), (1,), 1.0)], partial=True, wrong=[Bead((2,), (2,), 1.0)])
    agreed = pair.agreeing(evidence) & evidence.allowed

    def may(bead: tuple[int, int], i: int, j: int) -> bool:
        q = MOVE_NUMBER[bead]
        node = evidence.band.start[i] + j - evidence.band.low[i]
        assert evidence.allowed[q, node], "the test needs a bead that the lattice has"
        return bool(agreed[q, node])

    assert may((1, 1), 1, 1), "an accepted link stays"
    assert not may((1, 0), 1, 1) and not may((0, 1), 1, 1), "its segments are no nulls"
    assert may((1, 1), 0, 0) and may((1, 0), 0, 0), "what is undecided may be linked and may be a null"
    assert not may((1, 1), 2, 2), "a rejected link is out"
    assert may((1, 0), 2, 2) and may((1, 1), 3, 3), "its segments are free"


def test_a_named_null_is_decided() -> None:
    source, target, evidence = four_words()
    pair = GoldPair(source, target, [Bead((0,), (), 1.0)], partial=True)
    agreed = pair.agreeing(evidence)
    node = evidence.band.start[0] - evidence.band.low[0]
    assert agreed[MOVE_NUMBER[1, 0], node]
    assert not agreed[2:, node].any()


def test_few_data_move_weights_little_from_what_was_learnt_before() -> None:
    _, _, evidence = four_words()
    gold = [Bead((k,), (k,), 1.0) for k in range(4)]
    example = Example.of(evidence, agreeing(evidence.band, evidence.allowed, gold))
    before = np.random.default_rng(3).normal(0, 2, len(fit([example])))
    scale = np.sqrt(np.square(example.rows, dtype=np.float64).mean(axis=0) + 1e-3)
    moved = (fit([example], towards=before) - before)[:-2] * scale
    from_nothing = (fit([example]) - before)[:-2] * scale
    assert 0 < np.linalg.norm(moved) < 0.1 * np.linalg.norm(from_nothing)
    # The log likelihood of one example is never better than 0, which bounds how far the prior lets the weights go.
    assert NEAR * np.square(moved).sum() < 100


def test_how_common_nulls_are_is_learnt_from_little() -> None:
    """What differs most between genres is hardly drawn to what it was; the rest is."""
    _, _, evidence = four_words()
    gold = [Bead((k,), (), 1.0) for k in range(4)] + [Bead((), (k,), 1.0) for k in range(4)]
    before = load_weights().final
    example = Example.of(evidence, agreeing(evidence.band, evidence.allowed, gold))
    moved = np.abs(fit([example], towards=before) - before) * np.append(np.sqrt(np.square(example.rows).mean(axis=0) + 1e-3), [1, 1])
    levels = np.array([name in LEVELS for name in WEIGHT_NAMES])
    assert moved[levels].max() > 0.1
    assert moved[levels].max() > 10 * moved[~levels].max()


def write_gold(folder: Path, name: str, links: int) -> None:
    (folder / f"{name}.fr").write_text("".join(f"Phrase numéro {k} du texte.\n" for k in range(links)), encoding="utf-8")
    (folder / f"{name}.en").write_text("".join(f"Sentence number {k} of the text.\n" for k in range(links)), encoding="utf-8")
    (folder / f"{name}.gold").write_text("".join(f"[{k}]:[{k}]\n" for k in range(links)), encoding="utf-8")


def test_too_little_gold_is_refused_before_anything_is_learnt(tmp_path: Path, counting_encoder: CountingEncoder) -> None:
    write_gold(tmp_path, "small", LEAST_BEADS - 1)
    with pytest.raises(InputError, match=rf"{tmp_path.name}.*{LEAST_BEADS - 1}.*{LEAST_BEADS}"):
        train_from_gold([tmp_path], counting_encoder)


def test_one_document_is_refused_unless_nothing_is_measured(tmp_path: Path, counting_encoder: CountingEncoder) -> None:
    write_gold(tmp_path, "alone", LEAST_BEADS)
    with pytest.raises(InputError, match=r"at least two documents.*--hold-out 0"):
        train_from_gold([tmp_path], counting_encoder)
    assert "left out" not in train_from_gold([tmp_path], counting_encoder, plan=Plan(hold_out=0)).note


def test_gold_folders_give_weights_that_say_what_they_were_learnt_from(tmp_path: Path, counting_encoder: CountingEncoder) -> None:
    for name, links in (("one", LEAST_BEADS - 60), ("two", 60)):
        write_gold(tmp_path, name, links)
    stages: list[tuple[str, int, int]] = []
    weights = train_from_gold([tmp_path], counting_encoder, progress=lambda *step: stages.append(step))
    assert np.isfinite(np.concatenate([weights.draft, weights.final, weights.pairs])).all()
    assert tmp_path.name in weights.note and f"2 documents, {LEAST_BEADS} beads" in weights.note
    assert f"near {load_weights().identity}" in weights.note
    assert re.search(r"strict F1 on 1 documents left out: [01]\.\d{4} before, [01]\.\d{4} after", weights.note)
    assert {"embed", "left out: train final", "train final"} <= {stage for stage, _, _ in stages}
    assert all(0 <= done <= total for _, done, total in stages)
    emphasised = train_from_gold([tmp_path], counting_encoder, plan=Plan(hold_out=0, emphasis={tmp_path.name: 3.0}))
    assert f"{tmp_path.name} x3" in emphasised.note
    assert (emphasised.final != weights.final).any()
    afresh = train_from_gold([tmp_path], counting_encoder, plan=Plan(afresh=True))
    assert "near" not in afresh.note and "before" not in afresh.note and "after" in afresh.note
    shipped = load_weights().final
    assert np.abs(weights.final - shipped).sum() < np.abs(afresh.final - shipped).sum()


def test_documents_of_one_source_are_left_out_together(tmp_path: Path, counting_encoder: CountingEncoder) -> None:
    clean, noisy = tmp_path / "clean", tmp_path / "noisy"
    for folder in (clean, noisy):
        folder.mkdir()
        write_gold(folder, "a", LEAST_BEADS)
    (tmp_path / "sources.tsv").write_text("set\tdocument\tsource_set\tsource_document\nnoisy\ta\tclean\ta\n", encoding="utf-8")
    assert read_sources(noisy) == {"a": ("clean", "a")} and read_sources(clean) == {}
    with pytest.raises(InputError, match="at least two documents of different sources"):
        train_from_gold([clean, noisy], counting_encoder)


def test_another_table_of_sources_is_named(tmp_path: Path) -> None:
    (tmp_path / "sources.tsv").write_text("noisy\ta\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sources\.tsv.*source_set"):
        read_sources(tmp_path / "noisy")


def test_the_command_leaves_out_as_much_as_the_library() -> None:
    assert DEFAULT_HOLD_OUT == HOLD_OUT == Plan().hold_out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give gold folders to learn from, or a reviewed corpus"),
        (["gold", "--corpus", "corpus.db"], 2, "one of the two is wanted"),
        (["gold", "--emphasis", "glod", "2"], 2, "--emphasis names glod"),
        (["gold", "--hold-out", "0.9"], 2, "0.9 is not in the range"),
        (["--corpus", "nowhere.db"], 1, "there is no corpus at nowhere.db"),
    ],
)
def test_what_cannot_be_learnt_from_is_said(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["train", *arguments, "-o", str(tmp_path / "weights.json")])
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr
    assert not (tmp_path / "weights.json").exists()


def added(corpus: Corpus, name: str, links: int, *, min_probability: float = 0.0, files: bool = True) -> Alignment:
    """An alignment in the corpus: of every three beads the first is likely, the second unlikely, the third a null."""
    source = Document.of_segments([f"Phrase {k} du texte {name}." for k in range(links)], f"{name}.fr" if files else "", "fr")
    target = Document.of_segments([f"Sentence {k} of the text {name}." for k in range(links)], f"{name}.en" if files else "", "en")
    kinds = cycle((0.9, 0.2, None))
    beads: list[Bead] = []
    for k, probability in zip(range(links), kinds, strict=False):
        beads += [Bead((k,), (), 0.9), Bead((), (k,), 0.9)] if probability is None else [Bead((k,), (k,), probability, 0.5)]
    alignment = Alignment(source, target, tuple(beads), "fr", "en", Provenance("0", "e", "r", "w"))
    corpus.add(alignment, min_probability=min_probability)
    return alignment


def test_of_a_corpus_the_latest_decisions_count_and_the_rest_is_open(tmp_path: Path) -> None:
    with Corpus(tmp_path / "corpus.db") as corpus:
        units = [added(corpus, "one", 9).unit(Bead((k,), (k,), 0.9)) for k in (0, 1, 3, 4)]
        added(corpus, "nothing decided", 3)
        for unit, status in zip(units, ("accepted", "rejected", "flagged", "accepted"), strict=True):
            corpus.decide(unit, status, reviewer="r")
        corpus.decide(units[3], "rejected", reviewer="r")
        [document] = corpus.reviewed()
        assert document.source == tuple(f"Phrase {k} du texte one." for k in range(9))
        assert document.target[8] == "Sentence 8 of the text one."
        assert [(bead.source, bead.target) for bead in document.accepted] == [((0,), (0,))]
        assert [(bead.source, bead.target) for bead in document.rejected] == [((1,), (1,)), ((4,), (4,))]
        assert corpus.reviewed(source_lang="de") == []


def test_a_decision_outlives_the_alignment_it_was_made_at(tmp_path: Path) -> None:
    with Corpus(tmp_path / "corpus.db") as corpus:
        alignment = added(corpus, "one", 3)
        corpus.decide(next(alignment.units()), "accepted", reviewer="r")
        other = (Bead((0, 1), (0, 1), 0.9, 0.5), Bead((2,), (2,), 0.9, 0.5))
        corpus.add(Alignment(alignment.source, alignment.target, other, "fr", "en", alignment.provenance))
        [document] = corpus.reviewed()
        assert [(bead.source, bead.target) for bead in document.accepted] == [((0,), (0,))]


def test_a_document_that_was_added_in_part_is_left_out_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Corpus(tmp_path / "corpus.db") as corpus:
        alignment = added(corpus, "cut", 6, min_probability=0.5)
        corpus.decide(next(alignment.units()), "accepted", reviewer="r")
        with caplog.at_level(logging.WARNING):
            assert corpus.reviewed() == []
    assert "cut.fr: not learnt from" in caplog.text


def test_a_reviewed_corpus_teaches_and_too_few_decisions_are_refused(tmp_path: Path, counting_encoder: CountingEncoder) -> None:
    with Corpus(tmp_path / "corpus.db") as corpus:
        alignments = [added(corpus, name, 180, files=False) for name in ("one", "two")]  # two documents, though neither has a name
        with pytest.raises(InputError, match=rf"corpus\.db: 0 decided beads.*{LEAST_BEADS}"):
            train_from_corpus(corpus, counting_encoder)
        for alignment in alignments:
            for unit in alignment.units():
                corpus.decide(unit, "accepted", reviewer="r")
        weights = train_from_corpus(corpus, counting_encoder)
    assert "2 documents, 240 beads: reviewed in corpus.db" in weights.note
    assert "before" in weights.note and "after" in weights.note
    assert (weights.final != load_weights().final).any()
    assert (weights.pairs == load_weights().pairs).all()


def test_learning_goes_on_from_weights_that_were_learnt_before(tmp_path: Path, counting_encoder: CountingEncoder) -> None:
    with Corpus(tmp_path / "corpus.db") as corpus:
        for unit in added(corpus, "one", 180).units():
            corpus.decide(unit, "accepted", reviewer="r")
        first = train_from_corpus(corpus, counting_encoder, plan=Plan(hold_out=0))
        second = train_from_corpus(corpus, counting_encoder, plan=Plan(near=first, hold_out=0))
    assert f"near {load_weights().identity}" in first.note and f"near {first.identity}" in second.note
    assert (second.final != first.final).any()


def test_learning_from_tales_gives_the_same_weights_twice(gold: Path, encoder) -> None:  # type: ignore[no-untyped-def]
    learnt, again = (train_from_gold([gold / "tales"], encoder, plan=Plan(hold_out=0)) for _ in range(2))
    assert learnt.to_json() == again.to_json()
    assert learnt.identity == again.identity
