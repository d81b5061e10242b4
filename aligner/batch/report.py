"""A batch as a page to keep: one file without scripts, that reaches no network, with pictures where matplotlib is installed."""

from __future__ import annotations

import html
import importlib.metadata
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

from aligner.batch.entering import Outcome
from aligner.batch.measuring import PROBABILITY_EDGES, Measured
from aligner.errors import OutputError
from aligner.formats import files
from aligner.formats.characters import encodable

LISTED = 1000
"""Failures of a kind that the page lists; --json names all."""

_COUNTS = {
    "found": "documents, pairs and pages in the dumps",
    "done_before": "done before",
    "done_otherwise": "left, done with another encoder, other weights or another version",
    "to_do": "to do",
    "paired": "of these, paired by what two pages say",
    "done": "aligned and added",
    "empty": "of these, without any text",
    "new_units": "new translation units",
    "quarantined": "quarantined",
    "quarantined_before": "quarantined before, and not tried again",
    "unreadable": "unreadable, to be looked at again",
    "passed_over": "files and records that are no texts",
}
_STAGES = {
    "gather": "looking through the dumps",
    "plan": "finding what is new",
    "unpack": "unpacking archives that hold something new",
    "pair": "comparing pages that nothing else pairs",
    "align": "reading, aligning and adding",
    "repeats": "marking repeats",
}


def write_report(outcome: Outcome, path: str | Path, *, corpus: str, overwrite: bool = False) -> None:
    """Write the page of a batch on the corpus of this name. Raises OutputError as open_output does."""
    page = resources.files("aligner.batch").joinpath("report.html").read_text(encoding="utf-8")
    measured = outcome.measured
    version = importlib.metadata.version("aligner")
    values = {
        "corpus": _text(corpus),
        "begun": f"{measured.begun:%Y-%m-%d %H:%M} UTC",
        "version": _text(version),
        "body": "\n".join(_sections(outcome)),
    }
    page = re.sub(r"\{(corpus|begun|version|body)\}", lambda place: values[place[1]], page)
    with files.open_output(path, overwrite=overwrite) as stream:
        stream.write(page.encode())


def _sections(outcome: Outcome) -> Iterator[str]:
    measured, counts = outcome.measured, outcome.counts()
    yield _section("Documents", _table(("", ""), ((label, f"{counts[name]:,}") for name, label in _COUNTS.items() if counts[name])))
    for title, failed in (
        ("Quarantined", outcome.quarantined),
        ("Unreadable", outcome.unreadable),
        ("Quarantined before", outcome.quarantined_before),
    ):
        if failed:
            yield _section(title, _failures(failed))
    yield _section("Time", _times(outcome))
    yield from _distributions(measured)
    if outcome.passed_over:
        kinds = sorted(outcome.passed_over.items(), key=lambda kind: -kind[1])[:LISTED]
        yield _section("Passed over", _table(("kind", "count"), ((kind or "without suffix", f"{count:,}") for kind, count in kinds)))


def _times(outcome: Outcome) -> str:
    measured, figures = outcome.measured, outcome.measured.figures(outcome.done)
    rows = [(_STAGES.get(stage, stage), _duration(seconds)) for stage, seconds in measured.seconds.items()]
    rows += [(f"{what}, in all processes together", _duration(seconds)) for what, seconds in measured.work_seconds.items()]
    speeds = ((what, figures[f"{what}_per_second"]) for what in ("documents", "segments"))
    rows += [(f"{what} a second, in “{_STAGES['align']}”", f"{speed:,.1f}") for what, speed in speeds if speed is not None]
    return _table(("", ""), rows) + _throughput(measured)


def _throughput(measured: Measured) -> str:
    if not measured.course:
        return ""
    try:
        from aligner.plots.batches import plot_throughput
        from aligner.plots.drawing import inline_svg

        return _figure(inline_svg(plot_throughput(measured.course), "throughput"), "Documents a minute over time")
    except OutputError:
        return "<p class=\"note\">Pictures need matplotlib: pip install 'aligner[plots]'.</p>"


def _distributions(measured: Measured) -> Iterator[str]:
    """How probable the links are, and how many a document has, in pictures and figures."""
    if not sum(measured.units.values()):
        return
    edges = [f"{edge:g}".removeprefix("0") for edge in PROBABILITY_EDGES]
    probable = [f"< {edges[0]}", *(f"{low}–" for low in edges[:-1]), f"≥ {edges[-1]}"]
    sizes = [_between(bits) for bits in range(max(measured.units) + 1)]
    documents = [measured.units[bits] for bits in range(len(sizes))]
    yield _section("Probabilities of links", _distribution("probabilities", (probable, measured.probabilities), ("probability", "links")))
    yield _section("Units of documents", _distribution("units", (sizes, documents), ("units in a document", "documents")))


def _distribution(name: str, bars: tuple[list[str], list[int]], labels: tuple[str, str]) -> str:
    table = _table(labels, ((bar, f"{count:,}") for bar, count in zip(*bars, strict=True)))
    try:
        from aligner.plots.batches import plot_counts
        from aligner.plots.drawing import inline_svg

        picture = _figure(inline_svg(plot_counts(*bars, labels), name), f"{labels[1]} by {labels[0]}")
    except OutputError:
        return table
    return f"{picture}<details><summary>As a table</summary>{table}</details>"


def _failures(failed: Mapping[str, str]) -> str:
    listed = list(failed.items())[:LISTED]
    table = _table(("name", "reason"), ((name, reason.removeprefix(f"{name}: ")) for name, reason in listed), kind="texts")
    more = len(failed) - len(listed)
    return table + (f'<p class="note">and {more:,} more, which --json names</p>' if more else "")


def _section(title: str, content: str) -> str:
    return f"<section><h2>{_text(title)}</h2>{content}</section>"


def _figure(svg: str, label: str) -> str:
    return f'<div class="picture" role="img" aria-label="{_text(label)}">{svg}</div>'


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]], kind: str = "numbers") -> str:
    names = "".join(f'<th scope="col">{_text(name)}</th>' for name in head) if any(head) else ""
    body = "".join(f'<tr><th scope="row">{_text(name)}</th><td>{_text(value)}</td></tr>' for name, value in rows)
    return f'<table class="{kind}">{f"<thead><tr>{names}</tr></thead>" if names else ""}<tbody>{body}</tbody></table>'


def _between(bits: int) -> str:
    """The numbers of so many bits."""
    low, high = (1 << bits) >> 1, (1 << bits) - 1
    return f"{low:,}" if low >= high else f"{low:,}–{high:,}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02} min"


def _text(text: str) -> str:
    return html.escape(encodable(text))
