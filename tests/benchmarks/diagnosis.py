"""Measures diagnosing beside reading, on the same built log in one process: time, CPU, memory, and how soon a cancel is heard.

Run as ``python -m tests.benchmarks.diagnosis [--rows N] [--only NAME ...] [--data FOLDER]``. The shapes are the ones that cost most:
every tenth event an envelope, nothing but envelopes, logons, tokens, one message over and over, one message of five megabytes.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.benchmarks import data

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
HEARD: Final = 0.2
"""Seconds within which a cancel is to be heard."""


def envelope(number: int, chance: random.Random, action: str = "") -> str:
    """A refused request's fault reply, its ids and times its own."""
    at = data.START + timedelta(milliseconds=37 * number)
    return data.ENVELOPE.format(
        message=f"{chance.getrandbits(64):016x}",
        request=f"{chance.getrandbits(64):016x}",
        created=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        expires=(at + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        number=number,
    ).replace("The security token", f"{action}The security token")


def _line(number: int, level: str, text: str) -> str:
    at = data.START + timedelta(milliseconds=37 * number)
    return f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} [{number % 16}] {level} Orders.Gateway - {text}\n"


def mixed(count: int) -> Iterator[str]:
    """Every tenth event carries an envelope."""
    chance = random.Random(20)
    for number in range(count):
        if number % 10 == 0:
            yield _line(number, "ERROR", f"refused {envelope(number, chance)}")
        else:
            yield _line(number, "INFO ", f"order {number} of user{number % 97} took {chance.randrange(3000)} ms")


def envelopes(count: int) -> Iterator[str]:
    """Nothing but envelopes, no two worded alike."""
    chance = random.Random(21)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for number in range(count):
        words = " ".join("".join(chance.choices(letters, k=6)) for _ in range(4))
        yield _line(number, "ERROR", f"refused {words} {envelope(number, chance, words + ' ')}")


def expirations(count: int) -> Iterator[str]:
    """Refusals that print figures, so that each event is judged by its own."""
    chance = random.Random(22)
    for number in range(count):
        at = data.START + timedelta(milliseconds=37 * number)
        late = at - timedelta(seconds=chance.randrange(310, 4000))
        text = f"IDX10223: Lifetime validation failed. The token is expired. ValidTo (UTC): '{late:%m/%d/%Y %H:%M:%S}', Current time (UTC): '{at:%m/%d/%Y %H:%M:%S}'."
        yield _line(number, "ERROR", text)


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def tokens(count: int) -> Iterator[str]:
    """A JWT of its own in every line."""
    chance = random.Random(23)
    header = _segment({"alg": "RS256", "kid": "key-1", "typ": "JWT"})
    for number in range(count):
        at = int((data.START + timedelta(milliseconds=37 * number)).timestamp())
        claims = {
            "iss": "https://issuer.test",
            "aud": "api://orders",
            "sub": f"user{number}",
            "iat": at,
            "exp": at + 3600,
            "jti": str(number),
        }
        signature = base64.urlsafe_b64encode(chance.randbytes(64)).rstrip(b"=").decode()
        yield _line(number, "INFO ", f"called with Bearer {header}.{_segment(claims)}.{signature}")


def repeated(count: int) -> Iterator[str]:
    """One refusal over and over."""
    chance = random.Random(24)
    for number in range(count):
        yield _line(number, "ERROR", f"refused {envelope(number, chance)}")


def large(count: int) -> Iterator[str]:
    """One envelope of so many rows in its body: 5 MB for 50,000."""
    chance = random.Random(25)
    rows = "".join(
        f"<row id='{number}'><name>order {number} of user{number % 97}</name><step>accept</step></row>" for number in range(count)
    )
    yield _line(0, "ERROR", "refused " + envelope(0, chance).replace("<detail>", f"<detail><rows>{rows}</rows>"))


TEXTS: Final[dict[str, tuple[Callable[[int], Iterator[str]], float]]] = {
    "mixed": (mixed, 1.0),
    "envelopes": (envelopes, 0.2),
    "expirations": (expirations, 1.0),
    "tokens": (tokens, 1.0),
    "repeated": (repeated, 0.003),
    "large": (large, 0.05),
}
"""Each text log, and how much of the asked number of rows it has."""
NAMES: Final = (*TEXTS, "logons")


def build(folder: Path, name: str, rows: int) -> Path:
    """The log of one shape; one that is there stays."""
    if name == "logons":
        path = folder / f"logons-{rows}.evtx"
        return path if path.exists() else data.large_evtx(path, max(1, rows * 580 // 1_000_000))
    records, share = TEXTS[name]
    return data.write_rows(folder / f"{name}-{rows}.log", records, max(1, round(rows * share)))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one log took."""

    rows: int
    open_wall: float
    open_cpu: float
    """Seconds of all processes."""
    wall: float
    cpu: float
    findings: int
    first: float
    """Seconds until the first finding was known."""
    unheard: float
    """Longest time for which nobody looked whether the work is to stop."""
    memory: float
    """Highest memory of the main process beyond what it had before diagnosing, in MB; files mapped into it count too."""


def cpu_of(pids: Sequence[int]) -> float:
    """Seconds of processor time that processes have used, after /proc."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / ticks


def measure(path: Path) -> Measured:
    """Read a log and diagnose it."""
    import threading

    from inspector.job import Job
    from inspector.session import Session
    from tests.benchmarks.bench import anonymous

    class Watched(Job):
        """Notes how long nobody asked whether to stop."""

        def __init__(self) -> None:
            super().__init__()
            self.last = time.perf_counter()
            self.longest = 0.0
            self.where = ""

        def check(self) -> None:
            now = time.perf_counter()
            self.longest, self.last = max(self.longest, now - self.last), now
            super().check()

    with Session() as session:
        while len(session._pool.idle()) < session._pool.count:
            session._pool.wait(0.05)
        pids = [os.getpid(), *(worker.process.pid or 0 for worker in session._pool._workers)]
        start, used = time.perf_counter(), cpu_of(pids)
        session.open([path], Job())
        session.finish_hashing(Job())
        open_wall, open_cpu = time.perf_counter() - start, cpu_of(pids) - used
        before, highest, done = anonymous(os.getpid()), [0.0], threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                highest[0] = max(highest[0], anonymous(os.getpid()))

        watcher = threading.Thread(target=watch)
        watcher.start()
        job = Watched()
        start, used = time.perf_counter(), cpu_of(pids)
        first: list[float] = []
        found = session.diagnose(job, lambda _: first.append(time.perf_counter() - start))
        job.check()
        wall, cpu = time.perf_counter() - start, cpu_of(pids) - used
        done.set()
        watcher.join()
        return Measured(
            len(session),
            open_wall,
            open_cpu,
            wall,
            cpu,
            len(found.findings),
            first[0] if first else wall,
            job.longest,
            max(0.0, highest[0] - before),
        )


def main() -> int:
    """Measure each shape in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--data", type=Path, help="keep the built logs in this folder")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(asdict(measure(options.measure))))
        return 0
    with tempfile.TemporaryDirectory(prefix="inspector-bench-") as temporary:
        folder = options.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print("| log | rows | read: wall, CPU | diagnosed: wall, CPU | wall, CPU of reading | first finding | cancel heard | memory |")
        print("|---|---|---|---|---|---|---|---|")
        for name in options.only:
            command = [sys.executable, str(HERE), "--measure", str(build(folder, name, options.rows))]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
            one = Measured(**json.loads(done.stdout.splitlines()[-1]))
            print(
                f"| {name} | {one.rows:,} | {one.open_wall:.2f} s, {one.open_cpu:.2f} s | {one.wall:.2f} s, {one.cpu:.2f} s "
                f"| {one.wall / one.open_wall:.2f}, {one.cpu / one.open_cpu:.2f} | {one.first:.2f} s "
                f"| {1000 * one.unheard:.0f} ms | {one.memory:.0f} MB |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
