"""Work off the GUI thread: named tracks on which only the newest task counts, with results delivered back on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from inspector.job import Cancelled, Job, Progress

Result = TypeVar("Result")
TRACKS: Final = ("read", "search", "page", "look", "count", "judge", "export")
"""One thread each: a slow search never delays a page of the table, and the order within a track is kept."""


class Background(QObject):
    """Runs tasks on tracks. A task started on a track cancels the one before it unless it says otherwise."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pools = {track: ThreadPoolExecutor(1, thread_name_prefix=track) for track in TRACKS}
        self._jobs: dict[str, Job] = {}
        self._closed = False
        self._pending = 0
        self._arrived.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """Whether any task has not delivered its result yet."""
        return self._pending > 0

    def start(
        self,
        track: str,
        work: Callable[[Job], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None],
        progress: Callable[[Progress], None] | None = None,
        keep_previous: bool = False,
    ) -> Job:
        """Run ``work`` on a track; exactly one of ``done`` and ``failed`` is called later on the GUI thread, none when it was superseded or cancelled by a newer one."""
        job = Job(None if progress is None else self._listener(progress))
        if not keep_previous:
            self.cancel(track)
        self._jobs[track] = job
        self._pending += 1

        def finish(action: Callable[[], None]) -> None:
            self._pending -= 1
            if self._jobs.get(track) is job or keep_previous:
                action()

        def run() -> None:
            try:
                result = work(job)
            except Exception as error:  # noqa: BLE001 --  delivered to the GUI thread, which shows it
                problem = error
                self.post(lambda: finish(lambda: failed(problem)))
            else:
                self.post(lambda: finish(lambda: done(result)))

        if self._closed:
            self._pending -= 1
        else:
            self._pools[track].submit(run)
        return job

    def _listener(self, progress: Callable[[Progress], None]) -> Callable[[Progress], None]:
        """Hands on the newest step only: a worker that reports faster than the window paints must not fill its queue."""
        latest: list[Progress] = []

        def show() -> None:
            step = latest.pop()
            latest.clear()
            progress(step)

        def listen(step: Progress) -> None:
            latest.append(step)
            if len(latest) == 1:
                self.post(show)

        return listen

    def post(self, action: Callable[[], None]) -> None:
        """Run ``action`` on the GUI thread; safe from any thread."""
        if not self._closed:
            self._arrived.emit(action)

    def cancel(self, track: str) -> None:
        """Ask the newest task of a track to stop."""
        job = self._jobs.get(track)
        if job is not None:
            job.cancel()

    def close(self) -> None:
        """Cancel everything and deliver nothing any more; returns when no task runs."""
        self._closed = True
        for job in self._jobs.values():
            job.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    @Slot(object)
    def _deliver(self, action: Callable[[], None]) -> None:
        if not self._closed:
            action()


def is_cancelled(error: Exception) -> bool:
    """Whether an error only says that somebody asked to stop."""
    return isinstance(error, Cancelled)
