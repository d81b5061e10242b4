"""The store: documents, their alignments, translation units and what reviewers decided, in SQLite or PostgreSQL."""

from aligner.corpus.adding import Added
from aligner.corpus.annotating import Annotated
from aligner.corpus.reviewed import ReviewedDocument
from aligner.corpus.store import Corpus, CorpusStats
from aligner.corpus.tables import STATUSES, UNREVIEWED

__all__ = ["STATUSES", "UNREVIEWED", "Added", "Annotated", "Corpus", "CorpusStats", "ReviewedDocument"]
