"""What people read of the kinds of annotations."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "language": "wrong language",
    "copy": "not translated",
    "length": "lengths differ",
    "numbers": "numbers differ",
    "mojibake": "broken letters",
    "repetition": "repeats itself",
    "addresses": "address alone",
}
"""By kind; a question mark behind them says that it may be so."""
