"""Where the stages of a batch are computed: here, in processes of this machine, or by the workers of a Dask cluster.

An executor is one of `concurrent.futures`. Whichever it is, documents are read and aligned in guarded processes, which are children of
this process or of a cluster's workers; only the serial one does without.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aligner.batch.guarded_process import At, reason_of
from aligner.batch.guarding import Guarded, Result, release
from aligner.errors import AlignerError, BatchError

SERIAL, PROCESSES, DASK = "serial", "processes", "dask"

_CONNECT_S = 30

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pool:
    """An executor for each stage, and how many calls may be in flight, so that none of its workers has to wait."""

    reading: Executor
    aligning: Executor
    capacity: int


def settled(future: Future[Any]) -> Result:
    """What became of a call, once it is over. Raises AlignerError where the call did: the machine or the cluster is at fault."""
    try:
        result: Result = future.result()
    except AlignerError:
        raise
    except Exception as error:  # Dask's: a worker that was lost with what it did, three times over
        return Result(None, f"the worker that had it was lost ({type(error).__name__}: {error})")
    for warning in result.warnings:
        _log.warning("%s", warning)
    return result


@contextmanager
def processes(workers: int, batch: str) -> Iterator[Pool]:
    """Processes of this machine: a thread for each that waits for it."""
    executor = ThreadPoolExecutor(workers, thread_name_prefix="aligner-guard")
    try:
        yield Pool(executor, executor, 2 * workers)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        release(batch)
        executor.shutdown()


@contextmanager
def serial() -> Iterator[Pool]:
    """This process, one call after the other: no limits, and what harms it ends the batch. For those who look for an error."""
    executor = _Serial()
    yield Pool(executor, executor, 1)


@contextmanager
def dask(workers: int, scheduler: str | None, gpus: bool, batch: str) -> Iterator[Pool]:
    """The workers of a cluster: of this address, or, with None, of one on this machine that no other can reach.

    gpus: whether documents are aligned only by workers that have a resource `GPU`, one by each at a time; those read by any.
    Raises BatchError where Dask is not installed or the cluster cannot be reached.
    """
    try:
        from dask import config  # an extra, and half a second
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise BatchError("Dask is not installed: pip install 'aligner[batch]'") from error
    with config.set({"distributed.worker.daemon": False}):  # so that workers may have guarded processes
        if scheduler is None:
            cluster: LocalCluster | str = LocalCluster(
                n_workers=workers, threads_per_worker=1, memory_limit=None, host="127.0.0.1", dashboard_address=None, silence_logs=50
            )
        else:
            cluster = scheduler
        try:
            client = Client(cluster, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise BatchError(f"the scheduler {scheduler} cannot be reached: {error}; is it running, and is that its address?") from error
        try:
            threads = sum(client.nthreads().values())
            aligning = client.get_executor(pure=False, resources={"GPU": 1} if gpus else None)
            yield Pool(client.get_executor(pure=False), aligning, 2 * max(1, threads))
        finally:
            with suppress(OSError, TimeoutError):
                client.run(release, batch)
            client.close()
            if not isinstance(cluster, str):
                cluster.close()


class _Serial(Executor):
    """Calls what would be guarded without any guard."""

    def __init__(self) -> None:
        self._functions: dict[Guarded, Callable[[Any, At], Any]] = {}

    def submit(self, guarded: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        """The call is over when this returns."""
        assert isinstance(guarded, Guarded)
        future: Future[Any] = Future()
        try:
            future.set_result(self._result(guarded, *arguments))
        except BatchError as error:
            future.set_exception(error)
        return future

    def _result(self, guarded: Guarded, task: Any) -> Result:
        if guarded not in self._functions:
            try:
                self._functions[guarded] = guarded.start(*guarded.arguments)
            except Exception as error:
                raise BatchError(reason_of(error)) from error
        at: list[int | None] = [None]
        try:
            return Result(self._functions[guarded](task, lambda part, _parts: at.append(part)))
        except BatchError:
            raise
        except Exception as error:  # whatever it is, it is this task's reason
            return Result(None, reason_of(error), at[-1])
