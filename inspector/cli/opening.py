"""Opens logs for a command and says how it went: progress, problems, exit codes."""

from __future__ import annotations

import contextlib
import glob
import io
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from inspector import __version__
from inspector.cli.options import UsageError
from inspector.job import Job, Progress
from inspector.printable import display_name
from inspector.report.base import InspectedEvent, Program, Report, known_secrets
from inspector.report.redaction import ALWAYS, PERSONAL, Redactor, SecretKind
from inspector.saving import replacing, writing_text
from inspector.session import Options, Session
from inspector.workspace import Workspace

PROGRAM: Final = Program("Token Log Inspector", __version__)

STANDARD_INPUT: Final = "standard input"
"""What ``-`` is called in everything that is said about it."""
_COPY: Final = "standard-input"

NOTHING_FOUND: Final = 0
FOUND: Final = 1
USAGE: Final = 2
NOT_ALL_READ: Final = 3
CANCELLED: Final = 130


def stdout() -> Console:
    """Colours only on a terminal; log text is never read as markup or emoji."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


@contextlib.contextmanager
def watched_job() -> Iterator[Job]:
    """A job whose progress shows on standard error when that is a terminal, cancelled by Ctrl+C."""
    console = Console(stderr=True, highlight=False, markup=False)
    with contextlib.ExitStack() as stack:
        bar: ProgressBar | None = None
        if console.is_terminal:
            bar = stack.enter_context(
                ProgressBar(
                    SpinnerColumn(),
                    TextColumn("{task.description}", markup=False),
                    BarColumn(),
                    TimeElapsedColumn(),
                    console=console,
                    transient=True,
                )
            )
        task = bar.add_task("Starting", total=None) if bar else None

        def listen(progress: Progress) -> None:
            if bar is not None and task is not None:
                bar.update(task, description=progress.text, completed=progress.done, total=progress.total or None)

        job = Job(listen)
        before = signal.signal(signal.SIGINT, lambda *_: job.cancel())
        stack.callback(signal.signal, signal.SIGINT, before)
        yield job


def expanded(patterns: Sequence[str], scratch: Path) -> list[Path]:
    """Paths as given; patterns that the shell left alone (Windows) are expanded; ``-`` is standard input, copied to ``scratch``."""
    paths: list[Path] = []
    for pattern in patterns:
        if pattern == "-":
            paths.append(_standard_input(scratch))
        elif not Path(pattern).exists() and glob.has_magic(pattern):
            paths.extend(Path(one) for one in sorted(glob.glob(pattern, recursive=True)) or [pattern])  # noqa: PTH207 - takes absolute patterns too
        else:
            paths.append(Path(pattern))
    return paths


def _standard_input(scratch: Path) -> Path:
    path = scratch / _COPY
    try:
        with path.open("wb") as copy:
            while block := sys.stdin.buffer.read(1 << 20):
                copy.write(block)
    except OSError as error:
        msg = f"standard input could not be kept in {scratch.parent}: {error.strerror}; make room there, or name another folder in TMPDIR"
        raise UsageError(msg) from error
    return path


@contextlib.contextmanager
def opened(patterns: Sequence[str], options: Options) -> Iterator[tuple[Session, Job]]:
    """A session with the given logs open; everything temporary is gone afterwards."""
    with contextlib.ExitStack() as stack:
        try:
            scratch = stack.enter_context(Workspace()).path
            session = Session(options)
        except OSError as error:
            msg = f"no folder for temporary files could be made: {error.strerror}; make room there, or name another folder in TMPDIR"
            raise UsageError(msg) from error
        stack.callback(session.close)
        job = stack.enter_context(watched_job())
        session.open(expanded(patterns, scratch), job, names={scratch / _COPY: STANDARD_INPUT})
        yield session, job


def redactor(about: Report | Iterable[InspectedEvent] | None, *, no_redact: bool, redact_names: bool) -> Redactor:
    """The redactor that the options ask for, knowing the secrets that were found in what it is going to redact."""
    kinds = frozenset[SecretKind]() if no_redact else ALWAYS | PERSONAL if redact_names else ALWAYS
    known = about.known_secrets if isinstance(about, Report) else known_secrets(about or ())
    return Redactor(kinds, known)


def tell_problems(session: Session) -> None:
    """What could not be read, on standard error, a line each."""
    for problem in session.problems:
        said = f"{'note' if problem.notice else 'not read'}: {problem.source}, {problem.position}: {problem.reason}"
        typer.echo(display_name(said), err=True)


def not_all_read(session: Session) -> bool:
    """Whether something that may hold events could not be read."""
    return any(not problem.notice for problem in session.problems)


def exit_code(session: Session, report: Report | None = None) -> int:
    """3 where something could not be read, else 1 for findings of weight, else 0."""
    if not_all_read(session):
        return NOT_ALL_READ
    if report is not None and any(finding.severity in ("error", "warning") for finding in report.findings):
        return FOUND
    return NOTHING_FOUND


@contextlib.contextmanager
def text_out(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole. Raises UsageError where the file cannot be written."""
    if path is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
        yield sys.stdout
        return
    try:
        with writing_text(path) as out:
            yield out
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose a folder that exists and may be written"
        raise UsageError(msg) from error


@contextlib.contextmanager
def binary_out(path: Path) -> Iterator[Path]:
    """A path to write to that becomes ``path`` when the block ends well. Raises UsageError where the file cannot be written."""
    try:
        with replacing(path) as part:
            yield part
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose a folder that exists and may be written"
        raise UsageError(msg) from error
