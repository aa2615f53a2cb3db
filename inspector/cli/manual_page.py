"""The manual page (man 1 inspector), written out of the commands themselves so that it cannot fall behind them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import typer
import typer.core
import typer.main

from inspector.cli.commands import app

_INTRODUCTION: Final = """\
.SH DESCRIPTION
Reads Windows event logs (.evtx, .evt), WCF and WSE traces and text logs, and says why a security token was refused, with the evidence.
Nothing leaves the machine.
.PP
Without a command, or with paths only,
.B inspector
opens the window. A file that is named like a command is written with a folder, as in
.IR ./events .
.PP
Progress is shown on standard error when that is a terminal. What could not be read is named there, and everything else is still done.
Secrets (passwords, nonces, signatures, tokens, keys, cookies) are replaced by numbered pseudonyms in everything that is written.
"""

_CLOSING: Final = """\
.SH EXIT STATUS
.TP
.B 0
done; nothing was found
.TP
.B 1
done; there are findings of severity error or warning
.TP
.B 2
the command line cannot be done as it stands
.TP
.B 3
some input could not be read; everything else was done and written
.TP
.B 130
cancelled
.SH FILES
.TP
.I resources/schema/findings.schema.json
JSON Schema of
.B inspector findings \\-\\-format json
.TP
.I resources/dictionary
what each error code means, as TOML; rules of your own have the same shape
"""


def manual_page() -> str:
    """The page in the man macros of roff."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.TH INSPECTOR 1 "" "Token Log Inspector" "User Commands"'
    yield ".SH NAME"
    yield r"inspector \- say why a security token was refused, from .evtx and text logs, offline"
    yield ".SH SYNOPSIS"
    yield r".B inspector"
    yield r".RI [ PATH ...]"
    yield ".br"
    yield ".B inspector"
    yield r".I COMMAND"
    yield r".RI [ OPTION ...]"
    yield r".RI [ PATH ...]"
    yield _INTRODUCTION.rstrip()
    yield ".SH COMMANDS"
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for name, command in group.commands.items():
        assert isinstance(command, typer.core.TyperCommand)
        arguments = [one.metavar or "" for one in command.params if isinstance(one, typer.core.TyperArgument)]
        yield ".SS " + _escaped(" ".join(["inspector", name, *arguments]))
        yield _escaped(command.help or "")
        yield from _options(command)
        if command.epilog:
            yield ".PP"
            lead, example = command.epilog.split(": ", 1)
            yield _escaped(f"{lead}:")
            yield ".PP"
            yield ".RS 4"
            yield ".nf"
            yield _escaped(example)
            yield ".fi"
            yield ".RE"
    yield _CLOSING.rstrip()


def _options(command: typer.core.TyperCommand) -> Iterator[str]:
    for parameter in command.params:
        if not isinstance(parameter, typer.core.TyperOption):
            continue
        names = ", ".join(parameter.opts)
        choices = "|".join(type(parameter.default)) if isinstance(parameter.default, StrEnum) else ""
        value = "" if parameter.is_flag else parameter.metavar or choices or "VALUE"
        yield ".TP"
        yield rf"\fB{_escaped(names)}\fR" + (rf" \fI{_escaped(value)}\fR" if value else "")
        yield _escaped(parameter.help or "")


def _escaped(text: str) -> str:
    plain = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain
