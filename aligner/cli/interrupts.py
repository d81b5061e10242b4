"""Ctrl-C: remembered where something swallows it, and taken as a wish to end where work ends in its own time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_pressed = threading.Event()


def heed_interrupts() -> None:
    """Raise KeyboardInterrupt where Ctrl-C was pressed and something swallowed it."""
    if _pressed.is_set():
        raise KeyboardInterrupt


@contextmanager
def interrupts_remembered() -> Iterator[None]:
    """Remember that Ctrl-C was pressed: an import, a compilation or a callback of the interpreter may swallow the exception."""
    _pressed.clear()
    if threading.current_thread() is not threading.main_thread():  # which alone may handle signals
        yield
        return

    def pressed(*_: object) -> None:
        _pressed.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ended_by_signals() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets, for work that ends in its own time; the second interrupts it."""
    ending = threading.Event()

    def asked(*_: object) -> None:
        if ending.is_set():
            _pressed.set()
            raise KeyboardInterrupt
        ending.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
