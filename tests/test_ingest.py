"""Tests of reading in worker processes: order, folders, cancelling, and what survives a misbehaving reader."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from inspector import formats
from inspector.events import Zone
from inspector.ingest.pool import Patience, Pool
from inspector.ingest.raw import NotShown, RawReader
from inspector.ingest.reading import SMALLEST_PIECE, Reading, Wishes
from inspector.ingest.tasks import Show, Shown
from inspector.job import Cancelled, Job, Progress
from inspector.store import EventStore
from tests import misbehaving
from tests.misbehaving import LINE, content
from tests.offline.sitecustomize import attempts as network_attempts

PATIENCE = Patience(stall=3.0, again=2.0, memory=500 * 1024**2)
FORMATS = "tests.misbehaving"


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    folder = tmp_path_factory.mktemp("work") / "segments"
    folder.mkdir()
    made = Pool(2, folder, PATIENCE, FORMATS)
    made.start()
    yield made
    made.close()


class Opened:
    def __init__(self, pool: Pool) -> None:
        self.store = EventStore()
        self.pool = pool
        self.ids = itertools.count()
        self.arrived: list[int] = []

    def open(self, *paths: Path, job: Job | None = None, wishes: Wishes | None = None) -> Reading:
        reading = Reading(self.store, self.pool, wishes or Wishes(), lambda: next(self.ids), job or Job(), self.arrived.append)
        self.numbers = reading.run(paths)
        self.problems = [(problem.position, problem.reason) for problem in reading.problems]
        return reading

    def messages(self) -> list[str]:
        return self.store.frame(None, ["message"])["message"].to_list()

    def source_problems(self) -> list[tuple[str, str]]:
        return [(problem.position, problem.reason) for source in self.store.sources for problem in source.problems]


@pytest.fixture
def opened(pool: Pool) -> Iterator[Opened]:
    made = Opened(pool)
    yield made
    made.store.close()


def numbered(count: int) -> list[str]:
    return [f"n{number}" for number in range(count)]


def write(path: Path, words: Sequence[str], title: bytes = misbehaving.HEAD) -> Path:
    path.write_bytes(content(words, title))
    return path


def test_rows_come_in_file_order_and_files_in_the_order_given(opened: Opened, tmp_path: Path) -> None:
    big = write(tmp_path / "big.mis", numbered(400_000))  # 6.4 MB: several pieces on two workers
    small = [write(tmp_path / f"s{number}.mis", [f"s{number}-{at}" for at in range(3)]) for number in range(40)]
    opened.open(small[0], big, *small[1:])
    expected = ["s0-0", "s0-1", "s0-2", *numbered(400_000), *(f"s{number}-{at}" for number in range(1, 40) for at in range(3))]
    assert opened.messages() == expected
    assert [source.name for source in opened.store.sources] == [str(small[0]), str(big), *map(str, small[1:])]
    assert [source.events for source in opened.store.sources] == [3, 400_000, *[3] * 39]
    assert opened.arrived == sorted(opened.arrived)
    assert opened.arrived[-1] == len(opened.store)
    assert opened.problems == []


def test_small_files_have_their_hash(opened: Opened, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mis", ["x"])
    opened.open(path)
    assert opened.store.sources[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert opened.store.sources[0].format == "misbehaving"
    assert opened.store.sources[0].size == 2 * LINE


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("abort", "the reader process crashed (abort)"),
        ("kill", "the reader process crashed (kill)"),
        ("exit", "the reader process ended (exit code 3)"),
        ("raise", "the reader gave up: RuntimeError: made up"),
        ("loop", "the reader made no progress for 2 s and was stopped"),
        # whichever limit it meets first: on a busy machine taking memory can take too long
        (
            "hunger",
            ("the reader ran out of the memory it may use", "the reader took more than 500 MB", "the reader made no progress for 2 s"),
        ),
    ],
)
def test_only_the_piece_that_kills_its_worker_is_lost(opened: Opened, tmp_path: Path, word: str, reason: str | tuple[str, ...]) -> None:
    words = numbered(20_000)  # 320 kB
    words[9_000] = word
    opened.open(write(tmp_path / "a.mis", words), write(tmp_path / "b.mis", ["fine"]))
    messages = opened.messages()
    assert messages[-1] == "fine" or "fine" in messages
    kept = [message for message in messages if message != "fine"]
    known = set(kept)
    assert len(known) == len(kept)
    assert kept == [one for one in words if one in known]  # file order
    missing = [at for at, one in enumerate(words) if one not in known]
    assert 9_000 in missing
    assert len(missing) <= SMALLEST_PIECE // LINE
    assert missing == list(range(missing[0], missing[-1] + 1))
    ((position, said),) = opened.source_problems()
    assert said.startswith(reason)
    start, end = (int(part.replace(",", "")) for part in position.removeprefix("bytes ").split(" to "))
    assert start <= (9_000 + 1) * LINE < end
    assert opened.problems == []


@pytest.mark.parametrize("word", ["abort", "loop", "raise"])
def test_the_piece_that_kills_its_worker_is_read_another_way(opened: Opened, tmp_path: Path, word: str) -> None:
    words = numbered(20_000)
    words[9_000] = word
    opened.open(write(tmp_path / "a.mis", words, misbehaving.Cautious.head))
    assert opened.messages() == words
    (problem,) = opened.store.sources[0].problems
    assert (problem.notice, problem.lost) == (True, 0)
    assert problem.reason.endswith("; this piece was read again in another, slower way")
    start, end = (int(part.replace(",", "")) for part in problem.position.removeprefix("bytes ").split(" to "))
    assert start <= 9_001 * LINE < end
    assert end - start <= SMALLEST_PIECE


def test_a_piece_that_cannot_be_cut_is_given_up_whole(opened: Opened, tmp_path: Path) -> None:
    words = [*numbered(2_000), "abort", "after"]
    opened.open(write(tmp_path / "a.mis", words, misbehaving.Whole.head))
    assert opened.messages() == []
    assert opened.source_problems() == [
        ("bytes 0 to 32,048", "the reader process crashed (abort); what could not be read of this piece is missing")
    ]


def test_a_reader_that_reaches_for_the_network_is_caught(opened: Opened, tmp_path: Path) -> None:
    opened.open(write(tmp_path / "a.mis", ["before", "reach"]))
    ((_, reason),) = opened.source_problems()
    assert reason.startswith("the reader gave up: NetworkUsedError")
    assert "socket." in network_attempts()


def test_a_vanished_file_is_told_and_not_tried_again(opened: Opened, tmp_path: Path) -> None:
    opened.open(write(tmp_path / "a.mis", ["one", "vanish"]), tmp_path / "missing.mis")
    assert opened.source_problems() == [("file", "the file could not be read: No such file or directory")]
    assert opened.problems == [("path", "there is no such file or folder")]


def test_what_is_no_log_is_told(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "empty.mis").touch()
    (tmp_path / "other.bin").write_bytes(b"\x01\x02\x03")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "hollow").mkdir()
    opened.open(tmp_path / "empty.mis", tmp_path / "other.bin", tmp_path / "pipe", tmp_path / "hollow", Path("/dev/null"))
    assert sorted(opened.problems) == [
        ("file", "no log format recognises the content; nothing was opened"),
        ("file", "the file is empty; nothing was logged, or the copy failed"),
        ("folder", "there is no file in this folder"),
        ("path", "this is a device, not a file; only files, folders and archives are opened"),
        ("path", "this is a pipe, not a file; only files, folders and archives are opened"),
    ]
    assert opened.numbers == ()


def test_a_folder_is_read_by_content_and_links_are_not_followed(opened: Opened, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    (logs / "below").mkdir(parents=True)
    write(logs / "b.log", ["b"])
    write(logs / "below" / "c", ["c"])
    (logs / "picture.png").write_bytes(b"\x89PNG")
    outside = write(tmp_path / "secret.mis", ["outside"])
    (logs / "link.mis").symlink_to(outside)
    opened.open(logs, logs / "b.log")
    assert opened.messages() == ["b", "c"]
    assert sorted(opened.problems) == [
        ("file", f"1 file is no log in any known format and left out: {logs / 'picture.png'}"),
        ("path", "a link in a folder is not followed; open its target by name"),
    ]


def test_an_unreadable_file_does_not_stop_the_others(opened: Opened, tmp_path: Path) -> None:
    locked = write(tmp_path / "a.mis", ["a"])
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    opened.open(locked, write(tmp_path / "b.mis", ["b"]))
    assert opened.messages() == ["b"]
    assert opened.problems == [("file", "the file could not be read: Permission denied")]


def test_endless_problems_are_counted_not_listed(opened: Opened, tmp_path: Path) -> None:
    opened.open(write(tmp_path / "a.mis", ["tell"]))
    problems = opened.store.sources[0].problems
    assert len(problems) == 2_001
    assert (problems[-1].reason, problems[-1].lost) == ("500 more problems like these are not listed", 1_000)


def test_a_full_disk_is_told(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone" / "segments"
    folder.mkdir(parents=True)
    pool = Pool(1, folder, PATIENCE, FORMATS)
    pool.start()
    folder.rmdir()  # nothing can be written there any more
    opened.pool = pool
    try:
        opened.open(write(tmp_path / "a.mis", ["a"]))
    finally:
        pool.close()
    ((position, reason),) = opened.source_problems()
    assert position == "file"
    assert reason.startswith(f"the rows could not be kept in {folder}: No such file or directory")


def test_cancelling_keeps_what_arrived_and_says_so(opened: Opened, tmp_path: Path) -> None:
    words = numbered(600_000)
    words[500_000] = "loop"
    path = write(tmp_path / "a.mis", words)
    job = Job()

    def cancel_when_rows_are_there() -> None:
        while not len(opened.store):
            time.sleep(0.01)
        job.cancel()

    watcher = threading.Thread(target=cancel_when_rows_are_there)
    watcher.start()
    with pytest.raises(Cancelled):
        opened.open(path, job=job)
    watcher.join()
    rows = len(opened.store)
    assert 0 < rows < 500_000
    assert opened.messages() == words[:rows]
    assert opened.source_problems() == [("file", "reading was cancelled; the rest of the file is not open")]
    opened.open(write(tmp_path / "b.mis", ["after"]))
    assert opened.messages()[-1] == "after"


def test_progress_reaches_its_total(opened: Opened, tmp_path: Path) -> None:
    seen: list[Progress] = []
    opened.open(write(tmp_path / "a.mis", numbered(300_000)), job=Job(seen.append))
    assert all(0 <= one.done <= one.total for one in seen)
    assert any(one.done > 0 for one in seen)


def test_a_zone_of_the_user_is_on_every_source(opened: Opened, tmp_path: Path) -> None:
    zone = Zone()
    opened.open(write(tmp_path / "a.mis", ["a"]), wishes=Wishes(zone=zone))
    assert opened.store.sources[0].zone is zone


def test_an_unknown_format_is_told(opened: Opened, tmp_path: Path) -> None:
    opened.open(write(tmp_path / "a.mis", ["a"]), wishes=Wishes(format="nonsense"))
    assert opened.problems == [("file", "there is no format named nonsense; nothing was opened")]


@pytest.mark.parametrize("seed", range(2))
def test_workers_killed_at_random_lose_nothing(opened: Opened, tmp_path: Path, seed: int) -> None:
    """A worker that somebody else kills did not choke on its piece: the halves are read by the next ones."""
    words = numbered(500_000)
    path = write(tmp_path / "a.mis", words)
    chance = random.Random(seed)
    stop = threading.Event()

    def kill() -> None:
        for _ in range(3):
            if stop.wait(chance.uniform(0.02, 0.3)):
                return
            busy = [worker.process.pid for worker in opened.pool.busy()]
            if busy:
                os.kill(chance.choice([pid for pid in busy if pid]), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        opened.open(path)
    finally:
        stop.set()
        killer.join()
    assert opened.messages() == words
    assert opened.source_problems() == []


def test_a_worker_without_an_owner_ends_by_itself() -> None:
    loop = "from inspector.ingest.limits import end_after\nend_after(0.2)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", loop], check=False, timeout=60)
    assert done.returncode == -signal.SIGALRM


def test_one_event_is_read_again_in_a_worker(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mis", ["show-fine", "show-abort", "show-fine"])
    folder = tmp_path / "segments"
    folder.mkdir()
    reader = RawReader(folder, PATIENCE, FORMATS)
    opened = formats.base.Opened(path, "a.mis")
    try:
        assert reader.read(Show("misbehaving", opened, LINE, LINE)) == Shown("show-fine", (("word", "show-fine"),))
        assert reader.read(Show("misbehaving", opened, 2 * LINE, LINE)) == NotShown("the reader process crashed (abort)")
        assert reader.read(Show("misbehaving", opened, 9 * LINE, LINE)) == NotShown("the file could not be read: the file is shorter now")
        assert isinstance(reader.read(Show("misbehaving", opened, 3 * LINE, LINE)), Shown)
        assert reader.read(Show("cautious", opened, 2 * LINE, LINE)) == Shown("show-abort", (("word", "show-abort"),))
    finally:
        reader.close()
