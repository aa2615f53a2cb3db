"""A stack trace as the window lays it out: innermost cause first, runs of framework frames folded under one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inspector.payloads.stack_trace import StackTrace
    from inspector.payloads.traces.model import Frame, Thrown

RUN: Final = 3
"""So many framework frames in a row are folded, where there are frames of the program's own to look at."""


@dataclass(slots=True)
class TraceText:
    """Lines of a trace, and which of them are dimmed, marked as the cause, or folded away at first."""

    lines: list[str] = field(default_factory=list)
    dimmed: set[int] = field(default_factory=set)
    marked: set[int] = field(default_factory=set)
    folded: list[int] = field(default_factory=list)
    """Lines whose deeper lines are folded away at first."""

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


def lay_out(trace: StackTrace, words: Callable[[str], str]) -> TraceText:
    """Lay a trace out. ``words`` translates the headings."""
    result = TraceText()
    own_there = any(frame.own for one in trace.exceptions for frame in one.frames)
    for number, one in enumerate(trace.exceptions):
        if number:
            result.lines.append("")
        _add(result, one, words, alone=len(trace.exceptions) == 1, own_there=own_there)
    return result


def _add(result: TraceText, one: Thrown, words: Callable[[str], str], *, alone: bool, own_there: bool) -> None:
    if not alone:
        result.dimmed.add(len(result.lines))
        result.lines.append(_heading(one, words))
    if one.innermost:
        result.marked.add(len(result.lines))
    message = one.message.strip().splitlines()
    result.lines.append(f"{one.type}: {message[0]}" if message else one.type)
    result.lines += ["  " + line.strip() for line in message[1:] if line.strip()]
    run: list[Frame] = []
    for frame in (*one.frames, None):
        if frame is not None and not frame.own and own_there:
            run.append(frame)
            continue
        _add_run(result, run, words)
        run = []
        if frame is not None:
            result.lines.append("    " + _frame(frame))
    if one.omitted:
        result.dimmed.add(len(result.lines))
        result.lines.append("    " + words("%d frames are the same as above and left out by the log") % one.omitted)


def _heading(one: Thrown, words: Callable[[str], str]) -> str:
    if one.innermost:
        return words("Innermost cause")
    if one.link.value == "suppressed":
        return words("Suppressed")
    return words("Came out as") if one.depth == 0 else words("Wrapped in")


def _add_run(result: TraceText, run: list[Frame], words: Callable[[str], str]) -> None:
    indent = "    "
    if len(run) >= RUN:
        result.folded.append(len(result.lines))
        result.dimmed.add(len(result.lines))
        result.lines.append(indent + words("%d framework frames") % len(run))
        indent = "        "
    for frame in run:
        result.dimmed.add(len(result.lines))
        result.lines.append(indent + _frame(frame))


def _frame(frame: Frame) -> str:
    return " ".join((frame.text or frame.symbol).split())
