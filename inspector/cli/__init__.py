"""The command line: the same session as the window, for scripts and for machines without a screen."""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["COMMANDS", "main"]

COMMANDS: Final = ("window", "events", "show", "findings", "report", "token", "formats", "selftest")
"""What a first argument may name; anything else is a path for the window."""


_WORD: Final = re.compile(r"[A-Za-z][A-Za-z-]*")
"""What a mistyped command looks like; a missing file with a dot or a slash in its name is the window's to explain."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; anything that is not a command is a path for the window."""
    multiprocessing.freeze_support()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stderr is not None and given and given[0] not in COMMANDS and _WORD.fullmatch(given[0]) and not Path(given[0]).exists():
        sys.stderr.write(f"inspector: '{given[0]}' is neither a command ({', '.join(COMMANDS)}) nor a file or folder\n")
        return 2
    if not any(one.startswith("-") for one in given) and (not given or given[0] not in COMMANDS):
        # The commands import the engine, which costs a second: the window paints before it needs that.
        from inspector.gui.app import run

        return run([Path(one) for one in given])
    from inspector.cli.running import run_command

    return run_command(given)
