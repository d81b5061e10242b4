"""The batch job: new dumps into a corpus, each document once, whatever happens meanwhile."""

from aligner.batch.configuration import Settings
from aligner.batch.running import Batch, Outcome
from aligner.batch.workers import Limits

__all__ = ["Batch", "Limits", "Outcome", "Settings"]
