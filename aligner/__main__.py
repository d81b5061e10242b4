"""`python -m aligner` is the command `aligner`."""

from aligner.cli import main

main(prog_name="aligner")
