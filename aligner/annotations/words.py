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
"""By kind; whoever shows one puts a question mark behind it, for it may be so and may not."""
