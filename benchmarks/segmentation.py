"""Measure sentence splitters and language identifiers: the tables of docs/decisions/003-segmentation.md.

    ALIGNER_GOLD=folder python benchmarks/segmentation.py

Candidates that are not installed are left out. A text is made by joining lines with a space; its boundaries are to be found again. Lines
that do not end in a stop are joined to no other, so that only what punctuation tells is asked for.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sentence_pairs import sentence_pairs

from aligner.languages import identification, identify
from aligner.languages.identifiers import Scorer, eldc_scorer, py3langid_scorer
from aligner.segmentation import segment_page
from aligner.segmentation.sentences import sentence_spans
from aligner.types import UNDETERMINED, Document

Spans = list[tuple[int, int]]
Splitter = Callable[[str, str], Spans]

HARD_CASES = Path(__file__).parent.parent / "tests" / "data" / "segmentation" / "hard_cases.txt"
_ENDS = tuple('.!?…»”"')
_FOLDERS = ("novels", "tales", "tico19", "theses_abstracts")
_TABLES = ("ud_pud.tsv", "ud_partut.tsv", "europarl_sample.tsv", "news_2008_2012.tsv.gz")
_PAGES = ("fixture_own", "mixed_alternate", "mixed_block", "mixed_quotes", "mixed_inline")


def main() -> None:
    """Print the tables."""
    gold = Path(os.environ["ALIGNER_GOLD"])
    corpora = {name: list(texts) for name, texts in _corpora(gold)}
    cases = list(hard_cases(HARD_CASES.read_text(encoding="utf-8")))
    print("boundary F1 (%) French/English; hard cases failed French+English; MB/s")
    for name, splitter in _splitters().items():
        scores = [
            f"{corpus} {'/'.join(f'{100 * _boundary_f1(splitter, *side):.1f}' for side in sides)}" for corpus, sides in corpora.items()
        ]
        failed = {lang: sum(lang == case and found != wanted for case, found, wanted in _hard(splitter, cases)) for lang in ("fr", "en")}
        print(f"{name:10} {failed['fr']}+{failed['en']}  {_speed(splitter, corpora['novels'][0]):.1f}  " + "  ".join(scores))
    for name, scorer in _identifiers().items():
        identification.scorer = lambda scorer=scorer: scorer  # type: ignore[attr-defined,assignment]
        print(
            f"{name}: lines of one French or English sentence named right / left open (%), by words; pages: lines with the right languages"
        )
        print("  " + "  ".join(f"{words} {right:.1f}/{undetermined:.1f}" for words, right, undetermined in _by_length(corpora)))
        for kind in _PAGES:
            right, lines = map(sum, zip(*(_page_lines(path) for path in sorted((gold / kind).glob("*.mix"))), strict=True))
            print(f"  {kind} {right}/{lines}", end="")
        print()


def hard_cases(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """The language, the trap's name and the sentences of each case."""
    for case in text.split("\n== ")[1:]:
        head, *sentences = case.strip().splitlines()
        lang, trap = head.split(": ", 1)
        yield lang, trap, sentences


def _splitters() -> dict[str, Splitter]:
    candidates: dict[str, Splitter] = {"rules": lambda text, lang: list(sentence_spans(text, 0, len(text), lang))}
    try:
        import nupunkt

        # Its spans include the white space behind each sentence.
        candidates["nupunkt"] = lambda text, lang: [
            (start, start + len(text[start:end].rstrip())) for start, end in nupunkt.sent_spans(text)
        ]
    except ImportError:
        pass
    try:
        import punkt

        tokenizers = {lang: punkt.tokenizer_for(name) for lang, name in (("fr", "french"), ("en", "english"))}
        prefixed = {lang: punkt.tokenizer_for(name, prefixes=True) for lang, name in (("fr", "french"), ("en", "english"))}
        candidates["punkt"] = lambda text, lang: list(tokenizers[lang].span_tokenize(text))
        candidates["punkt+prefixes"] = lambda text, lang: list(prefixed[lang].span_tokenize(text))
    except ImportError:
        pass
    return candidates


def _corpora(gold: Path) -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """Name and, for French and English, (language, lines)."""
    for name in _FOLDERS:
        yield name, [(lang, [line for path in sorted((gold / name).glob(f"*.{lang}")) for line in _lines(path)]) for lang in ("fr", "en")]
    for name in _TABLES:
        rows = list(sentence_pairs(gold / name))
        yield name.split(".")[0], [(lang, [row[side] for row in rows]) for side, lang in enumerate(("fr", "en"))]


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_bytes().decode("utf-8").split("\n") if line.strip()]


def _boundary_f1(splitter: Splitter, lang: str, lines: list[str]) -> float:
    found = wanted = common = 0
    for text, boundaries in _texts(lines):
        ends = {end for _, end in splitter(text, lang)} - {len(text)}
        found, wanted, common = found + len(ends), wanted + len(boundaries), common + len(ends & boundaries)
    return 2 * common / (found + wanted)


def _texts(lines: list[str], size: int = 20) -> Iterator[tuple[str, set[int]]]:
    """Texts of up to `size` lines and where the lines in them end, the last one excepted."""
    group: list[str] = []
    for line in lines:
        group.append(line.strip())
        if len(group) == size or not group[-1].endswith(_ENDS):
            yield _joined(group)
            group = []
    if group:
        yield _joined(group)


def _joined(lines: list[str]) -> tuple[str, set[int]]:
    ends, position = set(), 0
    for line in lines[:-1]:
        ends.add(position + len(line))
        position += len(line) + 1
    return " ".join(lines), ends


def _hard(splitter: Splitter, cases: list[tuple[str, str, list[str]]]) -> Iterator[tuple[str, list[str], list[str]]]:
    for lang, _, wanted in cases:
        text = " ".join(wanted)
        yield lang, [text[start:end].strip() for start, end in splitter(text, lang)], wanted


def _speed(splitter: Splitter, side: tuple[str, list[str]]) -> float:
    """Millions of code points a second, on prose."""
    lang, lines = side
    text = " ".join(lines)
    began = time.process_time()
    splitter(text, lang)
    return len(text) / 1e6 / (time.process_time() - began)


def _identifiers() -> dict[str, Scorer]:
    makers = {"eldc": eldc_scorer, "py3langid": py3langid_scorer}
    return {name: make() for name, make in makers.items() if importlib.util.find_spec(name)}


def _by_length(corpora: dict[str, list[tuple[str, list[str]]]]) -> Iterator[tuple[str, float, float]]:
    """Words, and the shares of lines whose language `identify` gets right and leaves open, of all tables and folders together."""
    counts: dict[str, list[int]] = {"1-3": [0, 0, 0], "4-8": [0, 0, 0], "9+": [0, 0, 0]}
    for sides in corpora.values():
        for lang, lines in sides:
            for line, found in zip(lines, identify(lines, ("fr", "en")), strict=True):
                length = len(line.split())
                count = counts["1-3" if length < 4 else "4-8" if length < 9 else "9+"]
                count[0] += 1
                count[1] += found == lang
                count[2] += found == UNDETERMINED
    for words, (lines_seen, right, undetermined) in counts.items():
        yield words, 100 * right / lines_seen, 100 * undetermined / lines_seen


def _page_lines(path: Path) -> tuple[int, int]:
    """How many lines of a segmented page got the languages its map says and one segment for each, and how many there are."""
    page = segment_page(Document.of_segments(path.read_text(encoding="utf-8").rstrip("\n").split("\n")), ("fr", "en"))
    found: dict[int, list[str]] = {}
    for segment in page.segments:
        found.setdefault(segment.block, []).append(segment.lang)
    rows = (line.split("\t") for line in path.with_suffix(".map").read_text(encoding="utf-8").splitlines())
    labelled = [(int(number), sorted(label.split("+"))) for number, label, *_ in rows if label != "-"]
    return sum(sorted(found.get(number, [])) == wanted for number, wanted in labelled), len(labelled)


if __name__ == "__main__":
    main()
