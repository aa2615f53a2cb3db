"""Single events read again from their file, in a worker of their own: the same reader that may choke on a file must not choke the window."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from inspector.ingest.pool import READERS, Died, Patience, Worker
from inspector.ingest.tasks import Failed, Finished, Ready, Show, Shown

SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class NotShown:
    """The event could not be read again."""

    reason: str
    worker_lost: bool = field(default=False, compare=False)
    """Its worker was lost with it."""


class RawReader:
    """Reads single events; starts its worker at the first need or when told to."""

    def __init__(self, folder: Path, patience: Patience, formats: str = READERS) -> None:
        self._folder = folder
        self._patience = patience
        self._formats = formats
        self._worker: Worker | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the worker, so that the first event need not wait for it."""
        with self._lock:
            self._started()

    def _started(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self._folder, self._patience.memory, self._formats)
        return self._worker

    def read(self, task: Show) -> Shown | NotShown:
        """One event as the log holds it; waits a few seconds at most. An event that kills the worker is asked for once more, in the format's careful way."""
        shown = self._read(task)
        if isinstance(shown, NotShown) and shown.worker_lost and not task.opened.careful:
            shown = self._read(replace(task, opened=replace(task.opened, careful=True)))
        return shown

    def _read(self, task: Show) -> Shown | NotShown:
        with self._lock:
            try:
                worker = self._started()
            except OSError as error:
                return NotShown(f"no reader process could be started: {error.strerror or error}")
            given = False
            result: Shown | NotShown | None = None
            until = time.monotonic() + SECONDS + (0 if worker.ready else 30)
            while time.monotonic() < until:
                if worker.ready and not given:
                    worker.give(task, SECONDS)
                    given = True
                if not worker.messages.poll(max(0.0, min(0.5, until - time.monotonic()))):
                    continue
                for said in worker.receive():
                    match said:
                        case Ready():
                            worker.ready = True
                        case Shown():
                            result = said
                        case Failed():
                            result = NotShown(said.reason)
                        case Finished():
                            worker.task = None
                            return result or NotShown("the reader gave nothing")
                        case Died():
                            self._drop()
                            return NotShown(said.reason, worker_lost=True)
                        case _:
                            pass
            self._drop()
            return NotShown(f"the reader made no progress for {SECONDS:.0f} s and was stopped", worker_lost=True)

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._drop()
