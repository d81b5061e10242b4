"""Where a reviewer was: kept with every action, and taken up by their next session, which may be of an earlier or a later version."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aligner.corpus import STATUSES
from aligner.errors import ReviewError
from aligner.reviewing.filters import DOUBT, EVERYTHING, FLAGS, ORDERS, Filter, is_shape
from aligner.reviewing.keys import place_of
from aligner.reviewing.sampling import Sample

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What a reviewer looked at."""

    filter: Filter = EVERYTHING
    order: str = DOUBT
    key: str = ""
    """Of the bead under the cursor, or of the last one there where none is shown; empty where there was none."""
    samples: tuple[Sample, ...] = ()
    """Drawn so far."""

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold of it: all."""
        samples = [(sample.probability, sample.drawn, sample.annotated) for sample in self.samples]
        return {"filter": self.filter.as_json(), "order": self.order, "key": self.key, "samples": samples}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Bookmark:
        """From what `as_json` of any version gave. What this version does not know is left out, and said in the log."""
        known = _known(kept, {"filter": _filter, "order": _one_of(ORDERS), "key": _key, "samples": _samples})
        return cls(**known)


_Reader = Callable[[Any], Any]
"""Makes of something kept what it stands for. Raises TypeError, ValueError, KeyError or ReviewError for what it does not know."""


def _known(kept: Any, readers: Mapping[str, _Reader]) -> dict[str, Any]:
    """The parts that can be read."""
    if not isinstance(kept, Mapping):
        raise TypeError("a JSON object was wanted")
    found = {}
    for name, value in kept.items():
        try:
            found[name] = readers[name](value)
        except (TypeError, ValueError, KeyError, ReviewError):
            _log.warning("where the review was left: %s %r is of another version of aligner, and left out", name, value)
    return found


def _filter(kept: Any) -> Filter:
    return Filter(**_known(kept, _FILTER))


def _key(kept: Any) -> str:
    key: str = _a(str)(kept)
    if key:
        place_of(key)
    return key


def _samples(kept: Any) -> tuple[Sample, ...]:
    return tuple(
        Sample(float(least), tuple((str(unit), float(at)) for unit, at in drawn), _a(bool)(annotated)) for least, drawn, annotated in kept
    )


def _range(kept: Any) -> tuple[float, float]:
    low, high = kept
    return float(low), float(high)


def _one_of(known: tuple[str, ...]) -> Callable[[Any], str]:
    return lambda kept: known[known.index(kept)]


def _some(is_known: Callable[[str], bool]) -> Callable[[Any], frozenset[str]]:
    """Those of a list that are known; where none is, it was about nothing that there is."""

    def read(kept: Any) -> frozenset[str]:
        unknown = [one for one in kept if not is_known(one)]
        if unknown:
            _log.warning("where the review was left: %s of another version of aligner are left out", ", ".join(map(repr, unknown)))
        return frozenset(kept) - frozenset(unknown)

    return read


def _a(*types: type) -> Callable[[Any], Any]:
    def read(kept: Any) -> Any:
        if type(kept) not in types:
            raise TypeError(f"{types} was wanted")
        return kept

    return read


_FILTER: Mapping[str, _Reader] = {
    "status": _some(STATUSES.__contains__),
    "probability": _range,
    "flags": _some(FLAGS.__contains__),
    "shapes": _some(is_shape),
    "document": _a(int, str, type(None)),
    "reviewer": _a(str, type(None)),
    "mine": _a(bool),
    "open_to_me": _a(bool),
    "text": _a(str),
    "sampled": _a(bool),
}
