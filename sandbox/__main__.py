"""python -m sandbox: the simulate command by itself."""

import typer

from sandbox.command import simulate

typer.run(simulate)
