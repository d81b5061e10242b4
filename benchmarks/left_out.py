"""How well gold sets are aligned, each with weights learnt from gold that shares no source with it.

    ALIGNER_GOLD=FOLDER OMP_NUM_THREADS=1 python benchmarks/left_out.py [--sets SET ...] [--json FILE] [--plot FOLDER]

Takes about 45 CPU seconds a set where the weights are not known yet, and a few where they are (gold_sets.py keeps them).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from gold_sets import SETS, GoldSets

from aligner.evaluation import Report, evaluate
from aligner.plots import plot_reliability, write_picture

HEADER = (
    f"{'set':17} {'docs':>4}  {'strict F1':>9}  {'95 %':11}  {'lax F1':>6}  "
    f"{'nulls found':>11}  {'claimed':>7}  {'precision, 95 %':>15}  {'ECE':>5}  {'log-loss':>8}"
)


def line(name: str, report: Report) -> str:
    """A set's figures as a row of the table; a dash for what there is none of."""
    scores, intervals, calibration = report.scores, report.intervals, report.calibration
    strict = f"{intervals.strict_f1[0]:.3f}–{intervals.strict_f1[1]:.3f}" if intervals and intervals.strict_f1 else "–"
    spread = f" {intervals.null_precision[0]:.2f}–{intervals.null_precision[1]:.2f}" if intervals and intervals.null_precision else ""
    precision = f"{scores.null_precision:.2f}{spread}" if scores.nulls and scores.test_nulls else "–"
    error, loss = (f"{calibration.error:.3f}", f"{calibration.log_loss:.3f}") if calibration else ("–", "–")
    return (
        f"{name:17} {len(report.documents):4}  {scores.strict_f1:9.4f}  {strict:11}  {scores.lax_f1:6.4f}  "
        f"{f'{scores.nulls_found}/{scores.nulls}':>11}  {scores.test_nulls:7}  {precision:>15}  {error:>5}  {loss:>8}"
    )


def main() -> None:
    """Print a line for each set as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, metavar="SET", help="sets to measure  [default: all eighteen]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the whole reports there")
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="draw SET.svg there: how often each probability is right")
    options = parser.parse_args()
    gold, reports = GoldSets(), dict[str, Any]()
    print(HEADER)
    for name in options.sets:
        began = time.process_time()
        report = evaluate(gold.compared(name, gold.weights_without(name)))
        print(f"{line(name, report)}  ({time.process_time() - began:.0f} CPU s)", flush=True)
        reports[name] = report.to_dict()
        if options.plot:
            options.plot.mkdir(parents=True, exist_ok=True)
            write_picture(plot_reliability(report.judgements, title=name), options.plot / f"{name}.svg", overwrite=True)
        if options.json:
            options.json.write_text(json.dumps(reports, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
