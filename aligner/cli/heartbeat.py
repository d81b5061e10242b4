"""Something done now and then beside the work, such as to show that it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Do it in a thread of its own, each time so many seconds have passed, until the block ends."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(seconds):
            do()

    thread = threading.Thread(target=work, name="aligner-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
