"""Which document translates which: votes of translated segments, on planted documents, in folders and on gold."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import aligner
from aligner import Document
from aligner.alignment.mining import MinedPairs
from aligner.alignment.pairing import DocumentPair, pair_by_votes
from aligner.cli import main
from aligner.errors import InputError

Texts = list[list[str]]


def paired(source: Texts, target: Texts, probability: float = 0.99) -> list[DocumentPair]:
    """The pairs of documents whose segments translate each other where they are the same in capitals; repeats vote as mining pairs them."""
    sides = [[(text, number) for number, document in enumerate(side) for text in document] for side in (source, target)]
    links, used = [], set()
    for i, (text, _) in enumerate(sides[0]):
        for j, (other, _) in enumerate(sides[1]):
            if text.upper() == other and j not in used:
                links.append((i, j))
                used.add(j)
                break
    lines, others = np.array(links, np.int64).reshape(-1, 2).T
    scores = np.full(len(links), probability)
    found = MinedPairs(lines, others, scores, scores.astype(np.float32), scores.astype(np.float32))
    return pair_by_votes(found, *(tuple(map(list, zip(*side, strict=True))) if side else ([], []) for side in sides))  # type: ignore[arg-type]


def likely(pairs: list[DocumentPair]) -> set[tuple[int, int]]:
    return {(pair.source, pair.target) for pair in pairs if pair.probability >= 0.5}


def documents(count: int, length: int = 10) -> Texts:
    return [[f"d{document} s{segment}" for segment in range(length)] for document in range(count)]


def capitals(side: Texts) -> Texts:
    return [[text.upper() for text in document] for document in side]


@settings(max_examples=40)
@given(st.permutations(range(6)), st.integers(0, 6))
def test_documents_find_their_translations_in_any_order_and_those_without_stay_alone(order: list[int], absent: int) -> None:
    source = documents(6)
    target = [capitals(source)[k] if k >= absent else [f"OTHER {k} {s}" for s in range(10)] for k in order]
    assert likely(paired(source, target)) == {(k, place) for place, k in enumerate(order) if k >= absent}


def test_what_all_documents_have_in_common_pairs_none() -> None:
    common = [f"menu {k}" for k in range(20)]
    source = [common + document for document in documents(8)]
    target = [[text.upper() for text in common] + [f"OTHER {k} {s}" for s in range(10)] for k in range(8)]
    assert not likely(paired(source, target))


def test_a_template_whose_numbers_differ_pairs_none() -> None:
    forms = [[f"page {k} of {k + 20}", f"© {k} the town", f"updated on {k}.{k}.{k}", f"call {k}{k}{k}"] for k in range(12)]
    source = [form + document for form, document in zip(forms, documents(12), strict=True)]
    target = [[text.upper() for text in form] + [f"OTHER {k} {s}" for s in range(4)] for k, form in enumerate(forms)]
    assert not likely(paired(source, target))


def test_a_quoted_sentence_or_two_do_not_make_a_translation() -> None:
    source = documents(2, 40)
    target = [[*capitals(source)[0][:2], *(f"OTHER {s}" for s in range(38))]]
    assert not likely(paired(source, target))


def test_of_two_copies_of_a_translation_neither_is_sure() -> None:
    source = documents(3)
    target = [*capitals(source), capitals(source)[0]]
    pairs = {(pair.source, pair.target): pair.probability for pair in paired(source, target)}
    assert all(pairs[k, k] > 0.9 for k in (1, 2))
    assert all(probability <= 0.5 for (source_number, _), probability in pairs.items() if source_number == 0)


def test_order_is_the_part_of_the_votes_that_increases_and_disorder_makes_less_sure() -> None:
    source = documents(4)
    reversed_too = [capitals(source)[0], capitals(source)[1][::-1], *capitals(source)[2:]]
    pairs = {pair.source: pair for pair in paired(source, reversed_too)}
    assert pairs[0].order == pytest.approx(1) and pairs[1].order == pytest.approx(0.1)
    assert pairs[1].probability < pairs[0].probability
    assert pairs[0].share == pytest.approx(0.99, abs=0.01) and pairs[0].votes == pytest.approx(9.9, abs=0.01)


def test_improbable_pairs_of_segments_do_not_add_up() -> None:
    assert not paired(documents(3), capitals(documents(3)), probability=0.4)


@settings(max_examples=40)
@given(*[st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), max_size=5)] * 2)
def test_a_document_stands_in_one_pair_at_most(source: Texts, target: Texts) -> None:
    pairs = paired(source, capitals(target))
    for side in (0, 1):
        assert len({pair[side] for pair in pairs}) == len(pairs)
    assert all(0 <= pair.probability <= 1 and 0 <= pair.share <= 1 + 1e-9 and 0 <= pair.order <= 1 + 1e-9 for pair in pairs)
    assert [pair.probability for pair in pairs] == sorted((pair.probability for pair in pairs), reverse=True)


FRENCH = {
    "pain": "Le prix du pain a augmenté de dix pour cent. Les boulangers accusent la sécheresse. Le ministre promet une aide.",
    "pont": "Le vieux pont sera fermé en mars. Les camions passeront par la vallée. Les travaux dureront deux ans.",
    "chat": "Notre chat dort toute la journée. La nuit, il chasse des souris dans le jardin.",
}
ENGLISH = {
    "7": "The old bridge will be closed in March. Lorries will go through the valley. The works will last two years.",
    "8": "The price of bread has risen by ten per cent. Bakers blame the drought. The minister promises help.",
    "9": "The orchestra plays in the castle on Sunday. Tickets are sold at the door.",
}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for folder, texts in (("a", FRENCH), ("b", ENGLISH)):
        (tmp_path / folder).mkdir()
        for name, text in texts.items():
            (tmp_path / folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path / "a", tmp_path / "b"


def test_a_table_of_the_pairs_of_two_folders_is_written(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "pairs.tsv"
    result = CliRunner().invoke(main, ["pair", *map(str, folders), "-o", str(out), "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["written"] == 2 and figures["failed"] == []
    alone = {side: [Path(name).name for name in names] for side, names in figures["without_partner"].items()}
    assert alone == {"source": ["chat.txt"], "target": ["9.txt"]}
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8")), delimiter="\t"))
    assert list(rows[0]) == ["probability", "votes", "share", "order", "source", "target"]
    assert all(row["votes"].isdecimal() for row in rows)
    found = {(Path(row["source"]).stem, Path(row["target"]).stem) for row in rows}
    assert found == {("pain", "8"), ("pont", "7")}
    assert CliRunner().invoke(main, ["pair", *map(str, folders), "-o", str(out)]).exit_code == 1
    assert CliRunner().invoke(main, ["pair", *map(str, folders), "-o", str(out), "--overwrite"]).exit_code == 0


def test_the_table_goes_to_stdout_and_the_summary_to_stderr(folders: tuple[Path, Path]) -> None:
    result = CliRunner().invoke(main, ["pair", *map(str, folders)])
    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout), delimiter="\t"))
    assert len(rows) == 2
    assert f"without a partner  1 in {folders[0]}: {folders[0] / 'chat.txt'}\n" in result.stderr


def test_wrong_usage_is_told_from_failure(folders: tuple[Path, Path], tmp_path: Path) -> None:
    def run(*arguments: object) -> int:
        return CliRunner().invoke(main, ["pair", *map(str, arguments)]).exit_code

    assert run(folders[0], folders[0]) == 2
    assert run(*folders, "-o", tmp_path / "pairs.tmx") == 2
    assert run(*folders, "-o", folders[0] / "pain.txt", "--overwrite") == 2
    assert run(folders[0], tmp_path / "none") == 1


def test_a_file_that_cannot_be_read_is_reported_and_the_rest_goes_on(folders: tuple[Path, Path]) -> None:
    (folders[0] / "table.tsv").write_text("a\tb\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["pair", *map(str, folders)])
    assert result.exit_code == 1
    assert "table.tsv" in result.stderr and len(result.stdout.splitlines()) == 3


def test_empty_folders_and_empty_documents_pair_nothing(tmp_path: Path, encoder) -> None:  # type: ignore[no-untyped-def]
    assert aligner.pair_documents(tmp_path, tmp_path, encoder=encoder).empty
    assert aligner.pair_documents([Document("")], [Document(" ")], encoder=encoder).empty
    with pytest.raises(InputError, match="none"):
        aligner.pair_documents(tmp_path / "none", tmp_path, encoder=encoder)


def test_gold_documents_of_several_sets_are_paired(gold: Path, encoder) -> None:  # type: ignore[no-untyped-def]
    from aligner.formats.gold import read_gold_folder

    both = [pair for name in ("tico19", "tales") for pair in read_gold_folder(gold / name)]
    random.Random(0).shuffle(both)
    source = [pair.source for pair in both[:24]]
    target = [pair.target for pair in both[10:]]
    frame = aligner.pair_documents(source, target, encoder=encoder)
    found = {(row.source, row.target) for row in frame.itertuples() if row.probability >= 0.5}
    assert found == {(pair.source.name, pair.target.name) for pair in both[10:24]}
