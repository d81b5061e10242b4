"""The quarantine of archives, and of parts of them, that cannot be read: known by their bytes, they are told once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aligner.batch.archives import Archive, Unreadable
from aligner.batch.entering import Outcome, key_of
from aligner.batch.events import tell
from aligner.corpus import Corpus, ledger
from aligner.corpus.found import printable
from aligner.corpus.ledger import QUARANTINED, Entry, Place


@dataclass(frozen=True, slots=True)
class Quarantine:
    """That of a corpus, under one configuration."""

    corpus: Corpus
    configuration: str
    before: Mapping[str, str]
    """Why what is in it when the batch begins is, by digest."""
    retries: bool
    """Whether that is tried again."""
    is_dry: bool
    """Whether nothing is to come in or out."""

    def take(self, found: Archive | Unreadable, outcome: Outcome) -> None:
        """Tell what is wrong with one, and put it in where it will be wrong again; let it out where nothing is wrong."""
        if isinstance(found, Archive):
            reason, attempts = found.failure, found.attempts
        else:
            reason, attempts = found.reason, 1 if self.retries or found.digest not in self.before else 0
        if not reason:
            if attempts and found.digest in self.before and not self.is_dry:
                with self.corpus.writing() as connection:
                    ledger.let_out(connection, key_of(found.digest, self.configuration))
        elif not attempts:
            outcome.quarantined_before[found.name] = reason
        elif self.is_dry or not found.digest:
            outcome.unreadable[found.name] = reason
        else:
            key, what = key_of(found.digest, self.configuration), (QUARANTINED, reason, attempts)
            with self.corpus.writing() as connection:
                ledger.enter(connection, [Entry(key, found.name, found.digest, self.configuration, *what)])
                ledger.hold_inputs(connection, [(Place(printable(found.dump), found.name), found.digest)])
            outcome.quarantined[found.name] = reason
            tell("quarantined", name=found.name, reason=reason, attempts=attempts)
