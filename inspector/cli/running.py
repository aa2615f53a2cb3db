"""Runs one command and turns what it raises into a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer
import typer.core
import typer.exceptions

from inspector.cli.commands import app
from inspector.cli.opening import CANCELLED, USAGE
from inspector.cli.options import UsageError
from inspector.job import Cancelled
from inspector.printable import printable
from inspector.session import RuleError


def run_command(given: Sequence[str]) -> int:
    """Run the command that the arguments name, the window where they name none; the exit code."""
    command = typer.main.get_command(app)
    names = command.commands if isinstance(command, typer.core.TyperGroup) else {}
    if not given or not (given[0] in names or given[0].startswith("-")):
        given = ["window", *given]
    try:
        result: object = command.main(list(given), prog_name="inspector", standalone_mode=False)
    except (typer.Abort, Cancelled):
        typer.echo("cancelled", err=True)
        return CANCELLED
    except UsageError as error:  # says itself what to write instead
        typer.echo(f"inspector: {printable(error.message)}", err=True)
        return USAGE
    except typer.exceptions.TyperException as error:
        context = getattr(error, "ctx", None)
        command_path = context.command_path if context is not None else "inspector"
        typer.echo(f"inspector: {printable(error.format_message().rstrip('.'))} (see '{command_path} --help')", err=True)
        return USAGE
    except RuleError as error:
        typer.echo(f"inspector: --rules: {printable(str(error))}", err=True)
        return USAGE
    except BrokenPipeError:
        # The reader of a pipe has seen enough; writing its closing line feed would fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0
