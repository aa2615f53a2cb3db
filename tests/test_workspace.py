"""Temporary files: private, gone at the end, and what a crash left behind is gone at the next start, unless somebody still uses it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.workspace import OWNER, PREFIX, UNCLAIMED, Workspace

HOLDS = "import sys, time; from pathlib import Path; from inspector.workspace import Workspace; w = Workspace(Path(sys.argv[1])); w.write('log.txt', b'secret'); print(w.path, flush=True); time.sleep(600)"
READS = "import sys, time; from pathlib import Path; from inspector.job import Job; from inspector.session import Options, Session; s = Session(Options(workers=1), Path(sys.argv[1])); s.open([Path(sys.argv[2])], Job()); print(len(s), flush=True); time.sleep(600)"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_what_a_killed_program_left_behind_is_removed_at_the_next_start(tmp_path: Path, start: Start) -> None:
    running, crashed = start(HOLDS, tmp_path), start(HOLDS, tmp_path)
    kept, left = Path(said(running)), Path(said(crashed))
    crashed.send_signal(signal.SIGKILL)
    crashed.wait()
    assert (left / "log.txt").exists()
    with Workspace(tmp_path) as own:
        assert set(tmp_path.iterdir()) == {kept, own.path}, "that of the running program stays"
    assert set(tmp_path.iterdir()) == {kept}


def test_the_number_of_the_process_does_not_matter(tmp_path: Path, start: Start) -> None:
    """Numbers come again after a restart of the machine, and in another container this one means somebody else."""
    holder = start(HOLDS, tmp_path)
    left = Path(said(holder))
    holder.kill()
    holder.wait()
    (left / OWNER).write_text(str(os.getpid()), encoding="ascii")
    with Workspace(tmp_path) as own:
        assert set(tmp_path.iterdir()) == {own.path}


def test_a_folder_without_owner_is_removed_only_when_it_is_old(tmp_path: Path) -> None:
    fresh, old = tmp_path / f"{PREFIX}fresh", tmp_path / f"{PREFIX}old"
    for folder in (fresh, old):
        folder.mkdir()
    os.utime(old, (time.time() - UNCLAIMED - 60,) * 2)
    with Workspace(tmp_path) as own:
        assert set(tmp_path.iterdir()) == {fresh, own.path}


def test_links_and_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / OWNER).touch()
    link = tmp_path / f"{PREFIX}link"
    link.symlink_to(target)
    other = tmp_path / "token-log-inspector-1000"  # where the running window listens
    other.mkdir()
    os.utime(other, (0, 0))
    with Workspace(tmp_path):
        pass
    assert set(tmp_path.iterdir()) == {target, link, other}
    assert (target / OWNER).exists()


def test_everything_in_it_is_private(tmp_path: Path, start: Start) -> None:
    archive = tmp_path / "logs.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.log", "2024-05-21 10:04:58 ERROR refused\n" * 100)
    base = tmp_path / "work"
    base.mkdir()
    reader = start(READS, base, archive)
    assert said(reader) == "100"
    (folder,) = base.iterdir()
    made_by_us = [folder, *folder.rglob("*")]
    assert {"unpacked", "segments", OWNER} <= {path.name for path in made_by_us}
    assert any(path.suffix == ".arrow" for path in made_by_us)
    for path in made_by_us:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    # its workers end with it, and the next start finds nobody at home
    reader.kill()
    reader.wait()
    with Workspace(base) as own:
        assert set(base.iterdir()) == {own.path}


def test_standard_input_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "inspector", "events", "-"], input="refused\n", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "refused" in done.stdout
    assert list(tmp_path.iterdir()) == []
