"""The batch job: new dumps into a corpus, each document once, whatever happens meanwhile."""

from aligner.batch.configuration import Settings
from aligner.batch.entering import Outcome
from aligner.batch.executors import DASK, PROCESSES, SERIAL
from aligner.batch.guarding import Limits
from aligner.batch.running import Batch

__all__ = ["DASK", "PROCESSES", "SERIAL", "Batch", "Limits", "Outcome", "Settings"]
