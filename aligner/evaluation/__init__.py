"""Alignments, pages and mined pairs beside gold: reports to read in a terminal or to keep as JSON."""

from aligner.evaluation.alignments import Compared, Report, evaluate, evaluate_files
from aligner.evaluation.files import paired_files
from aligner.evaluation.links import LinkReport, evaluate_links, evaluate_mined_file, evaluate_mining
from aligner.evaluation.pages import PageLinks, PageReport, evaluate_page_files, evaluate_pages

__all__ = [
    "Compared",
    "LinkReport",
    "PageLinks",
    "PageReport",
    "Report",
    "evaluate",
    "evaluate_files",
    "evaluate_links",
    "evaluate_mined_file",
    "evaluate_mining",
    "evaluate_page_files",
    "evaluate_pages",
    "paired_files",
]
