"""Which language a text is in."""

from aligner.languages.identification import identify, leanings

__all__ = ["identify", "leanings"]
