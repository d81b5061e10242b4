"""One batch at a time on a corpus: a lock that goes with the process that holds it, however that ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select

from aligner.corpus.opening import shown
from aligner.errors import CorpusError

_BATCH_LOCK = 0x616C6969  # any number that only we use


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Keep other batches away from a corpus. Raises CorpusError where one is at work on it."""
    name = shown(engine.url)
    message = f"another batch is at work on the corpus {name}: wait for its end, or end it"
    if engine.dialect.name == "postgresql":
        engine.dispose()  # the server may have gone and come back since the last batch, and connections that lie ready be dead
        # A session's lock, in no transaction: one that stays open for hours would keep the server from cleaning up.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.scalar(select(func.pg_try_advisory_lock(_BATCH_LOCK))):
                raise CorpusError(message)
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(_BATCH_LOCK)))
        return
    if name == ":memory:":
        yield
        return
    from filelock import FileLock, Timeout  # reviewers and readers do without

    lock = FileLock(f"{Path(name).resolve()}.lock")  # the same one, whichever link led here
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CorpusError(message) from None
    except OSError as error:
        reason = f"the corpus {name} cannot be locked for a batch, by the file {lock.lock_file}: {error.strerror}"
        raise CorpusError(f"{reason}; let its folder be written to") from error
    try:
        yield
    finally:
        lock.release()
