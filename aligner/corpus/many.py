"""Adding many alignments, in transactions that are short: those that are new together, the others one by one, long ones in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from aligner.corpus import adding
from aligner.corpus.adding import Added
from aligner.corpus.found import Found
from aligner.corpus.pieces import Transaction, add_in_pieces
from aligner.corpus.together import TOGETHER, add_new
from aligner.errors import CorpusError

Then = Callable[[Connection, Mapping[int, Added]], None]
"""What is to be written together with alignments, of which it is told what they changed."""


@dataclass(frozen=True, slots=True)
class Many:
    """Adds alignments; `reading` and `writing` begin transactions."""

    reading: Transaction
    writing: Transaction
    is_long: Callable[[Found], bool]
    """Whether others would wait too long for all of one."""
    then: Then

    def add(self, alignments: Sequence[Found]) -> Iterator[tuple[int, CorpusError]]:
        """Add them in their order; gives the number of each that the database cannot hold, with why. Raises CorpusError as `Corpus.add`."""
        for together in self._together(alignments):
            left = together
            while left:
                added, others = 0, len(left)
                if others > 1:
                    try:
                        added, others = self._add_new(alignments, left)
                    except CorpusError as error:  # because of one of them
                        if _is_of_the_machine(error):
                            raise
                for number in left[added : added + others]:
                    try:
                        self._add_one(alignments[number], number)
                    except CorpusError as error:
                        if _is_of_the_machine(error):
                            raise
                        yield number, error
                left = left[added + others :]

    def _add_new(self, alignments: Sequence[Found], numbers: Sequence[int]) -> tuple[int, int]:
        """Store the first of these that are new; how many they are, and how many follow that are not."""
        with self.writing() as connection:
            added, others = add_new(connection, [alignments[number] for number in numbers])
            self.then(connection, dict(zip(numbers, added, strict=False)))
        return len(added), others

    def _add_one(self, alignment: Found, number: int) -> None:
        if self.is_long(alignment):
            added = add_in_pieces(self.reading, self.writing, alignment)
            with self.writing() as connection:
                self.then(connection, {number: added})
        else:
            with self.writing() as connection:
                self.then(connection, {number: adding.add(connection, alignment)})

    def _together(self, alignments: Sequence[Found]) -> Iterator[list[int]]:
        """Numbers of alignments that follow each other and have TOGETHER beads at most; long ones are alone."""
        together: list[int] = []
        beads = 0
        for number, alignment in enumerate(alignments):
            its_beads = TOGETHER if self.is_long(alignment) else len(alignment.rows)
            if together and beads + its_beads > TOGETHER:
                yield together
                together, beads = [], 0
            together.append(number)
            beads += its_beads
        if together:
            yield together


def _is_of_the_machine(error: CorpusError) -> bool:
    """Whether the database is locked, full or gone: not because of a text, such as for a character that it cannot hold."""
    return isinstance(error.__cause__, (InterfaceError, OperationalError))
