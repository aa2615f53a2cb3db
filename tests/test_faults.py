"""Faults of the machine under the whole program: a full disk, sources that change while they are open, workers that vanish."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector import casefile
from inspector.casefile import Case, CaseError
from inspector.job import Job
from inspector.session import Options, Session

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file systems and signals of Linux")

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "resources" / "samples" / "session-manager.txt"
LINES = "".join(f"2024-05-21 10:{at // 60:02}:{at % 60:02} INFO order {at} of alice\n" for at in range(3000))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("there is no mount here")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this user may not mount a file system: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, leaving: int = 0) -> None:
    """Take all room but so many bytes."""
    with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))
    if leaving:
        os.truncate(disk / "filler", (disk / "filler").stat().st_size - leaving)


def test_a_disk_that_fills_while_indexing_keeps_what_was_read_and_says_so(small_disk: Path, tmp_path: Path) -> None:
    chance = random.Random(1)
    first = tmp_path / "first.log"
    first.write_text(LINES[:20_000])
    second = tmp_path / "second.log"
    second.write_text("".join(f"2024-05-21 10:00:00 INFO {chance.randbytes(400).hex()}\n" for _ in range(20_000)))  # 16 MB
    with Session(Options(workers=2), small_disk) as session:
        session.open([first], Job())
        before = len(session)
        assert before > 300
        session.open([second], Job())
        reasons = {problem.reason for source in session.sources for problem in source.problems}
        assert any(
            "the rows could not be kept in" in reason and "No space left on device" in reason and "make room" in reason
            for reason in reasons
        )
        assert not any("crashed" in reason for reason in reasons)
        assert session.message(before - 1).startswith("order ")
        assert len(session.select("order", Job())) == before
        session.diagnose(Job())


def test_pasting_and_unpacking_onto_a_full_disk_are_told(small_disk: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "logs"), "zip", ROOT / "resources" / "samples")
    with Session(Options(workers=1), small_disk) as session:
        fill(small_disk)
        with pytest.raises(ValueError, match="could not be kept: No space left on device; make room"):
            session.paste(LINES, Job())
        session.open([Path(archive)], Job())
        assert len(session) == 0
        assert "could not be written: No space left on device" in session.problems[-1].reason
        (small_disk / "filler").unlink()
        session.open([SAMPLE], Job())
        assert len(session) == 2, "there is room again"


def test_saving_a_case_on_a_full_disk_keeps_the_old_one(small_disk: Path) -> None:
    path = small_disk / "customer.inspection"
    casefile.save(Case(filter="old"), path)
    fill(small_disk, leaving=8192)
    with pytest.raises(CaseError, match=r"could not be saved to .*customer\.inspection: "):
        casefile.save(Case(filter="new", saved_filters={str(number): "x" * 100 for number in range(5000)}), path)
    assert casefile.load(path).filter == "old"
    assert {one.name for one in small_disk.iterdir()} == {"customer.inspection", "filler"}


@pytest.mark.parametrize("command", [["report"], ["events", "--format", "csv"], ["events", "--format", "parquet"]])
def test_an_export_onto_a_full_disk_leaves_the_old_file_and_says_why(small_disk: Path, command: list[str]) -> None:
    target = small_disk / "out"
    target.write_text("old")
    fill(small_disk)
    done = subprocess.run(
        [sys.executable, "-m", "inspector", command[0], str(SAMPLE), *command[1:], "-o", str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "out: cannot be written (No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr
    assert target.read_text() == "old"
    assert {one.name for one in small_disk.iterdir()} == {"out", "filler"}


def test_standard_input_onto_a_full_disk_is_told(small_disk: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inspector", "findings", "-"],
        input="x" * 3_000_000,
        env={**os.environ, "TMPDIR": str(small_disk)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "standard input could not be kept" in done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(small_disk.iterdir()) == []


def test_without_room_for_temporary_files_the_command_says_so(small_disk: Path) -> None:
    # room for one file: the private folder, and nothing in it
    subprocess.run(["mount", "-o", "remount,nr_inodes=2", str(small_disk)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "inspector", "findings", str(SAMPLE)],
        env={**os.environ, "TMPDIR": str(small_disk)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "no folder for temporary files could be made: No space left on device; make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(small_disk.iterdir()) == []


# --- sources that change ------------------------------------------------------------------------------------------------


def test_a_source_cut_replaced_or_removed_while_open_stays_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(LINES)
    with Session(Options(workers=1), tmp_path / "work") as session:
        session.open([path], Job())
        last = len(session) - 1
        message = session.message(last)
        path.write_text(LINES[:200])
        assert "could not be read again" in session.inspect(last).raw
        assert session.inspect(last).message == message
        path.unlink()
        path.mkdir()
        assert "could not be read again" in session.inspect(0).raw
        path.rmdir()
        os.mkfifo(path)
        assert "could not be read again" in session.inspect(0).raw
        assert session.reload(session.sources[0].id, Job()) is None
        assert len(session.select("alice", Job())) == last + 1
        session.diagnose(Job())


def test_a_worker_that_vanishes_between_two_events_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(LINES)
    with Session(Options(workers=2), tmp_path / "work") as session:
        session.open([path], Job())
        for row in range(3):
            assert session.inspect(row).raw.endswith(f"order {row} of alice\n")
            worker = session._raw._worker
            assert worker is not None
            worker.process.kill()
            worker.process.join()
            assert session.inspect(row).message.endswith("of alice")
        session.open([path], Job())
        assert len(session) == 6000
        assert session.problems == ()
