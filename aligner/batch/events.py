"""What a batch tells machines while it is at work: an event at a time, through `logging`, to whoever listens."""

from __future__ import annotations

import logging

_log = logging.getLogger("aligner.batch")


def tell(event: str, **facts: object) -> None:
    """Log an event, at level INFO, for people are told otherwise; its record has `event` and `facts`, values that JSON can hold."""
    _log.info("%s", event, extra={"event": event, "facts": facts})
