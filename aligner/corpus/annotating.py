"""Annotations in the corpus: what the rules found in each unit, made when a unit is added, and made anew where a rule has changed.

They are derived from the units' texts alone and may be replaced at any time. Every unit is looked at when it is stored, so the corpus
knows for each kind a version of its rule that all its units have been looked at by; one that an earlier aligner made knows none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from aligner.annotations import KINDS, RULES, Rule, annotations_of
from aligner.corpus.found import Marks
from aligner.corpus.inserting import insertion
from aligner.corpus.pieces import Transaction
from aligner.corpus.queries import parts
from aligner.corpus.tables import annotation_rules, unit_annotations, units
from aligner.corpus.writing import hold_annotations, known_units
from aligner.errors import CorpusError
from aligner.types import Progress, TranslationUnit

PAGE = 1000
"""Units that are read at a time; what is found in them is written in one short transaction."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """What annotating a corpus did."""

    kinds: tuple[str, ...]
    """Whose rules have changed since all units were looked at; the others were left as they are."""
    looked_at: int = 0
    """Units, segments without counterpart among them."""
    marked: dict[str, int] = field(default_factory=dict)
    """How many of them each of these rules found something in."""


def looked_at_from_the_beginning(connection: Connection) -> None:
    """Say of a corpus that holds no unit yet that every one has been looked at by the present rules."""
    connection.execute(insert(annotation_rules), [{"kind": rule.kind, "version": rule.version} for rule in RULES])


def changed_rules(connection: Connection) -> tuple[Rule, ...]:
    """The rules of which not every unit has been looked at by the present version."""
    known = {row.kind: row.version for row in connection.execute(select(annotation_rules))}
    return tuple(rule for rule in RULES if known.get(rule.kind, 0) < rule.version)


def annotate(reading: Transaction, writing: Transaction, progress: Progress | None) -> Annotated:
    """Look at all units by the rules that have changed, and put what is found in the place of what was.

    `reading` and `writing` begin transactions, short ones, between which others write. Where it is cut off, the next call begins again.
    """
    with reading() as connection:
        rules = changed_rules(connection)
        total = connection.scalar(select(func.count()).select_from(units)) if rules else 0
    looked_at, marked = 0, {rule.kind: 0 for rule in rules}
    for page in _pages(reading) if rules else ():
        found = annotations_of(page, rules)
        with writing() as connection:
            _replace(connection, page, found, tuple(marked))
        looked_at += len(page)
        for reasons in found.values():
            for kind in reasons:
                marked[kind] += 1
        if progress is not None:
            progress("annotate", looked_at, max(looked_at, total or 0))
    with writing() as connection:
        for rule in rules:
            row = insertion(connection, annotation_rules).values(kind=rule.kind, version=rule.version)
            connection.execute(row.on_conflict_do_update(index_elements=["kind"], set_={"version": rule.version}))
    return Annotated(tuple(marked), looked_at, marked)


def check_kinds(kinds: Iterable[str]) -> None:
    """Raise CorpusError for what is no kind of annotation."""
    for kind in kinds:
        if kind not in KINDS:
            raise CorpusError(f"there is no annotation {kind!r}: the kinds are {', '.join(KINDS)}")


def annotated(connection: Connection, found: Iterable[str]) -> dict[str, dict[str, str]]:
    """Of these units those that are annotated: reasons by kind, the kinds in the order of the rules."""
    reasons: dict[str, dict[str, str]] = {}
    for part in parts(found):
        for row in connection.execute(select(unit_annotations).where(unit_annotations.c.unit.in_(part))):
            reasons.setdefault(row.unit, {})[row.kind] = row.reason
    return {unit: dict(sorted(said.items(), key=lambda item: _rank(item[0]))) for unit, said in reasons.items()}


def annotated_with(connection: Connection, kind: str) -> set[str]:
    """The units that have an annotation of this kind."""
    return set(connection.scalars(select(unit_annotations.c.unit).where(unit_annotations.c.kind == kind)))


def _rank(kind: str) -> int:
    """Kinds of a later aligner come last."""
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _replace(connection: Connection, page: Sequence[TranslationUnit], found: Marks, kinds: Sequence[str]) -> None:
    for part in parts(unit.id for unit in page):
        connection.execute(delete(unit_annotations).where(unit_annotations.c.unit.in_(part), unit_annotations.c.kind.in_(kinds)))
    there = known_units(connection, found)  # others take documents out meanwhile
    hold_annotations(connection, {unit: reasons for unit, reasons in found.items() if unit in there})


def _pages(reading: Transaction) -> Iterator[list[TranslationUnit]]:
    last = ""
    while True:
        with reading() as connection:
            rows: Sequence[Any] = connection.execute(select(units).where(units.c.id > last).order_by(units.c.id).limit(PAGE)).all()
        if rows:
            yield [TranslationUnit(row.source_lang, row.target_lang, row.source, row.target) for row in rows]
        if len(rows) < PAGE:
            return
        last = rows[-1].id
