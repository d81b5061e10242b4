"""From raw text to segments with exact spans, and which language each is in."""

from aligner.segmentation.documents import segment_document, split
from aligner.segmentation.language import dominant_language, language_shares
from aligner.segmentation.pages import segment_page

__all__ = ["dominant_language", "language_shares", "segment_document", "segment_page", "split"]
