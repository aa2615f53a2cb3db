"""The worker processes: started early, watched for stalls and hunger, killed and replaced when they misbehave."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import time
import types
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from inspector.ingest import entry
from inspector.ingest.limits import resident_bytes
from inspector.ingest.tasks import SEPARATOR, Beat, Finished, Message, Read, Ready, Show, Task, decode


@dataclass(frozen=True, slots=True)
class Patience:
    """What a worker is allowed."""

    stall: float = 20.0
    """Seconds without a sign of life."""
    again: float = 6.0
    """The same for a piece that stalled a worker before."""
    memory: int = 2 * 1024**3
    """Bytes of its own."""


@dataclass(frozen=True, slots=True)
class Died:
    """A worker is gone with its task."""

    reason: str


START_TRIES: Final = 3
READERS: Final = "inspector.formats"
START_SECONDS: Final = 60.0
WAY: Final = "spawn"
"""How worker processes begin (multiprocessing's name for it): a new interpreter, which has nothing of the window's threads."""


_MAIN_LOCK: Final = threading.Lock()


@contextlib.contextmanager
def _main_left_out() -> Iterator[None]:
    """Start processes without the program's main module: they would import it, window or command line and all, for nothing."""
    with _MAIN_LOCK:
        main = sys.modules["__main__"]
        empty = types.ModuleType("__main__")
        empty.__spec__ = None
        sys.modules["__main__"] = empty
        try:
            yield
        finally:
            sys.modules["__main__"] = main


class Worker:
    """One worker process as its owner sees it."""

    def __init__(self, folder: Path, memory: int, formats: str) -> None:
        context = multiprocessing.get_context(WAY)
        tasks_out, tasks_in = context.Pipe(duplex=False)
        messages_out, messages_in = context.Pipe(duplex=False)
        self.process: SpawnProcess = context.Process(
            target=entry.run, args=(tasks_out, messages_in, str(folder), memory, formats), name="reader", daemon=True
        )
        with _main_left_out():
            self.process.start()
        tasks_out.close()
        messages_in.close()
        self._tasks: Connection = tasks_in
        self.messages: Connection = messages_out
        self.task: Task | None = None
        self.ready = False
        self.heard = time.monotonic()
        self.done = 0
        self.stall = START_SECONDS

    @property
    def idle(self) -> bool:
        return self.ready and self.task is None

    def give(self, task: Task, stall: float) -> None:
        """Hand over a task; a worker that has just died is noticed when its messages are read."""
        self.task, self.stall, self.done = task, stall, 0
        self.heard = time.monotonic()
        with contextlib.suppress(OSError):
            self._tasks.send(task)

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.join(5)
        self.messages.close()
        with contextlib.suppress(OSError):
            self._tasks.close()

    def leave(self) -> None:
        """Close its pipes: an idle worker ends by itself."""
        self._tasks.close()

    def receive(self) -> list[Message | Died]:
        """The next messages; Died when there will be none, or when what came is no message."""
        said: list[Message | Died] = []
        try:
            said.extend(map(decode, self.messages.recv_bytes().split(SEPARATOR)))
        except (EOFError, OSError):
            self.process.join(1)
            said.append(Died(ending(self.process.exitcode)))
        except (ValueError, KeyError, TypeError):
            said.append(Died("the reader process sent something that is no message"))
        return said


def ending(code: int | None) -> str:
    """How a process ended, for a person."""
    if code is not None and code < 0:
        names = {-6: "abort", -9: "kill", -11: "segmentation fault", -4: "illegal instruction", -7: "bus error"}
        return f"the reader process crashed ({names.get(code, f'signal {-code}')})"
    return f"the reader process ended (exit code {code})"


class Pool:
    """As many workers as there are cores, and replacements for those that die."""

    def __init__(self, count: int, folder: Path, patience: Patience, formats: str = READERS) -> None:
        """``count`` 0: as many as the machine has cores; ``formats``: module whose FORMATS the workers know."""
        self._count = count or os.cpu_count() or 1
        self._folder = folder
        self._formats = formats
        self.patience = patience
        self._workers: list[Worker] = []
        self._failed_starts = 0
        self._checked = 0.0

    @property
    def count(self) -> int:
        return self._count

    @property
    def broken(self) -> bool:
        """Workers cannot be started on this machine."""
        return self._failed_starts >= START_TRIES and not any(worker.ready for worker in self._workers)

    def start(self) -> None:
        """Start what is missing; returns at once, the workers load meanwhile."""
        while len(self._workers) < self._count and self._failed_starts < START_TRIES:
            try:
                self._workers.append(Worker(self._folder, self.patience.memory, self._formats))
            except OSError:
                self._failed_starts += 1

    def idle(self) -> list[Worker]:
        """Workers that wait for a task; those that somebody ended meanwhile are replaced."""
        for worker in [worker for worker in self._workers if worker.idle and not worker.process.is_alive()]:
            self._drop(worker)
        return [worker for worker in self._workers if worker.idle]

    def busy(self) -> list[Worker]:
        """Workers that have one."""
        return [worker for worker in self._workers if worker.task is not None]

    def wait(self, timeout: float) -> list[tuple[Worker, Task | None, Message | Died]]:
        """What workers said, each with the task it is about; waits at most so many seconds for something."""
        events: list[tuple[Worker, Task | None, Message | Died]] = []
        by_pipe = {worker.messages: worker for worker in self._workers}
        for pipe in wait(list(by_pipe), timeout):
            worker = by_pipe[pipe]  # type: ignore[index]
            heard = worker.receive()
            worker.heard = time.monotonic()
            for said in heard:
                events.append((worker, worker.task, said))
                match said:
                    case Ready():
                        worker.ready = True
                        self._failed_starts = 0
                    case Beat():
                        worker.done = said.done
                    case Finished():
                        worker.task = None
                    case Died():
                        self._drop(worker)
        events.extend(self._misbehaving())
        return events

    def _misbehaving(self) -> list[tuple[Worker, Task | None, Died]]:
        """Kill workers that are silent for too long or have too much memory."""
        now = time.monotonic()
        if now - self._checked < 0.2:
            return []
        self._checked = now
        found: list[tuple[Worker, Task | None, Died]] = []
        for worker in list(self._workers):
            if worker.ready and worker.task is None:
                continue
            if now - worker.heard > worker.stall:
                if worker.messages.poll():
                    continue  # it spoke; we were slow to listen
                reason = f"the reader made no progress for {worker.stall:.0f} s and was stopped"
            elif (resident_bytes(worker.process.pid or 0) or 0) > self.patience.memory:
                reason = f"the reader took more than {self.patience.memory // 1024**2:,} MB of memory and was stopped"
            else:
                continue
            found.append((worker, worker.task, Died(reason)))
            self._drop(worker)
        return found

    def _drop(self, worker: Worker) -> None:
        if not worker.ready:
            self._failed_starts += 1
        worker.kill()
        self._workers.remove(worker)
        self.start()

    def stop_busy(self) -> None:
        """Kill the workers that are at work; fresh ones take their place."""
        for worker in self.busy():
            worker.kill()
            self._workers.remove(worker)
        self.start()

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers:
            worker.leave()
        for worker in self._workers:
            if worker.task is not None or not worker.ready:
                worker.kill()
            worker.process.join(2)
            worker.kill()
        self._workers = []


def task_words(task: Task) -> str:
    """What a task is about, for progress."""
    if isinstance(task, Read):
        return f"Reading {task.opened.name}"
    if isinstance(task, Show):
        return f"Reading {task.opened.name}"
    return f"Reading {task.files[0].name}" if len(task.files) == 1 else f"Reading {len(task.files)} files"
