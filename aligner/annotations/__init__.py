"""What may be wrong with a unit, by its texts alone: rules that mark, each with a reason, and never leave out.

What each finds and misses stands in docs/annotations.md.
"""

from aligner.annotations.rules import KINDS, RULES, Rule, annotated, annotations_of

__all__ = ["KINDS", "RULES", "Rule", "annotated", "annotations_of"]
