"""The command line: the same session as the window, for scripts and for machines without a screen."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence

import typer
import typer.core
import typer.exceptions

from inspector.cli.commands import app
from inspector.cli.opening import CANCELLED, USAGE
from inspector.job import Cancelled
from inspector.session import RuleError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; anything that is not a command is a path for the window."""
    multiprocessing.freeze_support()
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(app)
    names = command.commands if isinstance(command, typer.core.TyperGroup) else {}
    if not given or not (given[0] in names or given[0].startswith("-")):
        given = ["window", *given]
    try:
        result: object = command.main(given, prog_name="inspector", standalone_mode=False)
    except (typer.Abort, Cancelled):
        typer.echo("cancelled", err=True)
        return CANCELLED
    except typer.exceptions.TyperException as error:
        typer.echo(f"inspector: {error.format_message()} (see 'inspector --help')", err=True)
        return USAGE
    except RuleError as error:
        typer.echo(f"inspector: --rules: {error}", err=True)
        return USAGE
    except BrokenPipeError:
        # The reader of a pipe has seen enough; writing its closing line feed would fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0
