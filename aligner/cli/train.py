"""`aligner train`: weights of the aligner, learnt from gold or from what reviewers decided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner.cli import console, options
from aligner.formats import files

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from aligner.alignment.weights import Weights
    from aligner.learning import Plan

DEFAULT_HOLD_OUT = 0.2


@dataclass(frozen=True, slots=True)
class Lessons:
    """What to learn from, and how."""

    folders: tuple[str, ...]
    corpus: str | None
    source_lang: str
    target_lang: str
    emphasis: tuple[tuple[str, float], ...]
    hold_out: float
    afresh: bool

    def check(self) -> None:
        """Raise a usage error where the options do not fit together."""
        if bool(self.folders) == (self.corpus is not None):
            raise click.UsageError("give gold folders to learn from, or a reviewed corpus by --corpus; one of the two is wanted.")
        names = {Path(folder).name for folder in self.folders}
        if unknown := [name for name, _ in self.emphasis if name not in names]:
            raise click.UsageError(
                f"--emphasis names {', '.join(unknown)}, which is none of the folders; give the last part of one's path."
            )

    def learn(self, encoder: SentenceTransformer, plan: Plan, progress: console.Bar) -> Weights:
        """The weights that these options describe."""
        from aligner.learning import train_from_corpus, train_from_gold  # brings NumPy, which --help can do without

        languages = self.source_lang, self.target_lang
        if self.corpus is None:
            return train_from_gold(self.folders, encoder, languages=languages, plan=plan, progress=progress)
        from aligner.corpus import Corpus  # brings SQLAlchemy, which gold can do without

        with Corpus(self.corpus, create=False) as corpus:
            return train_from_corpus(corpus, encoder, languages=languages, plan=plan, progress=progress)


@click.command("train")
@options.as_one(
    "lessons",
    Lessons,
    click.argument("folders", metavar="[GOLD_FOLDER...]", nargs=-1),
    click.option("--corpus", metavar="URL", help="Learn from the beads that were accepted or rejected in this corpus, not from gold."),
    options.languages,
    click.option(
        "--emphasis",
        metavar="FOLDER N",
        type=(str, click.FloatRange(min=0)),
        multiple=True,
        help="How much a document of the folder of that name counts; for each folder that is to count more or less.  [default: 1]",
    ),
    click.option(
        "--hold-out",
        metavar="SHARE",
        type=click.FloatRange(0, 0.5),
        default=DEFAULT_HOLD_OUT,
        show_default=True,
        help="Share of the links that is first left out, by documents, to measure what learning is worth; 0 learns once, in half the time.",
    ),
    click.option(
        "--afresh",
        is_flag=True,
        help="Learn from nothing else; for gold of many thousand links.  [default: stay near the weights that 'aligner align' comes with]",
    ),
)
@click.option("-o", "--output", "path", metavar="WEIGHTS.json", required=True, help="Weights to write, for 'aligner align --weights'.")
@click.option("--encoder", metavar="NAME|FOLDER", help="Encoder that the weights are for.  [default: that of 'aligner align']")
@click.option("--threads", metavar="N", type=click.IntRange(min=1), help="Threads to compute with.  [default: the cores that are free]")
@options.overwrite
def command(lessons: Lessons, *, path: str, encoder: str | None, threads: int | None, overwrite: bool) -> None:
    """Learn weights from gold, or from a reviewed corpus.

    \b
    aligner train --corpus corpus.db -o mine.json                  from what reviewers accepted and rejected
    aligner train gold/ -o mine.json                               from gold
    aligner align a.fr.txt a.en.txt -o a.tmx --weights mine.json   with what was learnt

    A gold document is three files: DOC.fr and DOC.en with a segment a line, and DOC.gold with a line [fr segments]:[en segments] for each
    bead, 0-based. Of a corpus, accepted and rejected beads count, in documents aligned with all their links; the rest is left open.
    At least 100 decided beads are wanted, in two documents or more. Without --weights, 'aligner align' uses the weights it comes with.
    """
    lessons.check()
    options.check_output(path, overwrite)
    with console.progress() as bar:
        bar.wait("loading the encoder")
        from aligner.encoders import load_encoder  # brings torch
        from aligner.learning import Plan

        plan = Plan(lessons.afresh, hold_out=lessons.hold_out, emphasis=dict(lessons.emphasis))
        weights = lessons.learn(load_encoder(encoder, threads=threads), plan, bar)
        with files.open_output(path, overwrite=overwrite) as stream:
            stream.write(weights.to_json().encode())
    console.say(f"Learnt for {weights.note}; the weights are in {path}")
