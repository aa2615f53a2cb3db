"""Progress and cancellation of one long operation, in plain Python: the window and the command line listen, the core reports."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


class Cancelled(Exception):
    """The person cancelled the operation; what was done so far stays."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is."""

    done: float
    total: float
    """Same unit as ``done``; 0 while the size of the work is unknown."""
    text: str
    """What is being done, for a person."""


class Job:
    """One operation that reports progress and can be cancelled from another thread."""

    def __init__(self, listener: Callable[[Progress], None] | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()

    def report(self, done: float, total: float, text: str) -> None:
        """Tell the listener how far the work is; called on the working thread."""
        if self._listener is not None:
            self._listener(Progress(done, total, text))

    def cancel(self) -> None:
        """Ask the operation to stop at its next check; safe from any thread."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise Cancelled when somebody asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled
