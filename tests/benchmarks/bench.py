"""Measures speed and memory on built logs, beside the peers that are installed, in one run; prints a table.

Run by ``python3 dev.py bench [--full] [--only NAME ...] [--repeat N] [--table FILE]``. Ratios count, not seconds: each figure is the median of
several runs, peers and program in turn, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import data, gui

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    evtx: int
    text: int
    small_files: int
    rows: int
    """Rows of the store whose queries are timed."""
    many_rows: int
    """Rows of the store whose memory is measured."""


MODEST = Sizes(evtx=20, text=40, small_files=100, rows=200_000, many_rows=500_000)
FULL = Sizes(evtx=100, text=500, small_files=600, rows=1_000_000, many_rows=5_000_000)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    work: str
    measured: str
    beside: str
    wanted: str
    met: bool | None


class Bench:
    """One run over all measurements."""

    def __init__(self, folder: Path, sizes: Sizes, repeat: int) -> None:
        self.folder = folder
        self.sizes = sizes
        self.repeat = repeat

    # ---- running things

    def program(self, task: str, *arguments: object) -> dict[str, float]:
        """Measure ourselves in a fresh process."""
        command = [sys.executable, str(HERE), "--measure", task, *map(str, arguments)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found

    def peer(self, *command: str | Path) -> float:
        """Wall time of a peer that does the same work."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        start = time.perf_counter()
        subprocess.run(
            [str(part) for part in command],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(home)},
        )
        return time.perf_counter() - start

    def in_turn(self, *measures: Callable[[], float]) -> list[float]:
        """Medians of several rounds, each round measuring everything once."""
        rounds = [[measure() for measure in measures] for _ in range(self.repeat)]
        return [statistics.median(column) for column in zip(*rounds, strict=True)]

    # ---- what is measured

    def evtx(self) -> Iterator[Line]:
        """A large .evtx against the bare loop over the Rust reader, python-evtx and evtxexport."""
        path = data.large_evtx(self.folder / f"{self.sizes.evtx}.evtx", self.sizes.evtx)
        runs: list[dict[str, float]] = []
        loops: list[dict[str, float]] = []

        def ours() -> float:
            runs.append(self.program("open", path))
            return runs[-1]["wall"]

        def loop() -> float:
            loops.append(self.program("bare", path))
            return loops[-1]["wall"]

        name = f".evtx of {self.sizes.evtx} MB, open to complete table"
        export = shutil.which("evtxexport")
        measures = [ours, loop]
        if export:
            measures.append(lambda: self.peer(export, "-f", "xml", path))
        wall, bare, *rest = self.in_turn(*measures)
        yield Line(name, f"{wall:.2f} s", f"bare loop {bare:.2f} s: {wall / bare:.2f}x", "at most 1.3x", wall <= 1.3 * bare)
        yield _processor_time(name, runs, loops, 2.6)
        if rest:
            yield Line(
                name, f"{wall:.2f} s", f"evtxexport {rest[0]:.2f} s: {rest[0] / wall:.0f}x faster", "10x faster", rest[0] >= 10 * wall
            )
        sample = data.large_evtx(self.folder / "1.evtx", 1)
        slow = self.program("python_evtx", sample)["wall"] * path.stat().st_size / sample.stat().st_size
        yield Line(
            name, f"{wall:.2f} s", f"python-evtx {slow:.0f} s (from 1 MB): {slow / wall:.0f}x faster", "500x faster", slow >= 500 * wall
        )
        first = statistics.median(run["first"] for run in runs)
        yield Line("first rows of it", f"{first:.2f} s", "", "0.3 s", first <= 0.3)

    def text(self) -> Iterator[Line]:
        """Text logs against lnav."""
        lnav = shutil.which("lnav")
        for title, records, factor in (
            ("copied Event Viewer text", data.event_viewer_records, 2.0),
            ("line log with stack traces", data.line_log_records, 2.5),
        ):
            path = data.write(self.folder / f"{records.__name__}-{self.sizes.text}.log", records, self.sizes.text)
            name = f"{self.sizes.text} MB of {title}"
            measures: list[Callable[[], float]] = [lambda path=path: self.program("open", path)["wall"]]  # type: ignore[misc]
            if lnav:
                measures.append(lambda path=path: self.peer(lnav, "-n", path))  # type: ignore[misc]
            wall, *rest = self.in_turn(*measures)
            beside = f"lnav -n {rest[0]:.2f} s: {rest[0] / wall:.1f}x faster" if rest else "lnav is not installed"
            yield Line(name, f"{wall:.2f} s", beside, f"{factor}x faster", rest[0] >= factor * wall if rest else None)

    def small(self) -> Iterator[Line]:
        """A folder of small .evtx files against the bare loop."""
        folder = data.small_evtx(self.folder / "small", self.sizes.small_files)
        runs: list[dict[str, float]] = []
        loops: list[dict[str, float]] = []

        def ours() -> float:
            runs.append(self.program("open", folder))
            return runs[-1]["wall"]

        def loop() -> float:
            loops.append(self.program("bare", *sorted(folder.iterdir())))
            return loops[-1]["wall"]

        wall, bare = self.in_turn(ours, loop)
        name = f"folder of {self.sizes.small_files} small .evtx"
        yield Line(name, f"{wall:.2f} s", f"bare loop {bare:.2f} s: {wall / bare:.2f}x", "at most 1.5x", wall <= 1.5 * bare)
        yield _processor_time(name, runs, loops, 3.0)

    def queries(self) -> Iterator[Line]:
        """Queries over many rows."""
        found = self.program("queries", self.sizes.rows)
        scale = self.sizes.rows / 1_000_000
        for work, limit in QUERY_LIMITS.items():
            allowed = limit if work.startswith(("page", "first")) else limit * scale
            yield Line(f"{self.sizes.rows:,} rows: {work}", f"{found[work]:.1f} ms", "", f"{allowed:.0f} ms", found[work] <= allowed)

    def gui(self) -> Iterator[Line]:
        """The window: painted soon, never held, and the same at any number of rows."""
        (wall,) = self.in_turn(lambda: gui.in_fresh_process("start", started=True)["wall"])
        yield Line("window painted after the start of the process", f"{wall:.0f} ms", "", f"{gui.SOON:.0f} ms", wall <= gui.SOON)
        held = gui.in_fresh_process("loading", self.sizes.rows)
        yield Line(
            f"window held while {held['rows']:,.0f} rows load and a filter is typed",
            f"{held['cpu']:.0f} ms of its thread",
            f"wall {held['wall']:.0f} ms; 99 of 100 turns within {held['p99']:.0f} ms",
            f"{gui.BLOCK:.0f} ms",
            held["cpu"] <= gui.BLOCK,
        )
        table = gui.in_fresh_process("table", self.sizes.many_rows)
        for work in ("select all", "to the end", "sort", "resize", "column"):
            cpu = table[f"{work} cpu"]
            yield Line(
                f"table of {self.sizes.many_rows:,} rows: {work}",
                f"{cpu:.0f} ms of its thread",
                f"wall {table[f'{work} wall']:.0f} ms",
                f"{gui.AT_ONCE:.0f} ms",
                cpu <= gui.AT_ONCE,
            )
        asked, visible = table["cells asked for"], table["cells visible"]
        yield Line("cells that one paint asks for", f"{asked:.0f}", f"{visible:.0f} visible", "the visible ones", asked <= visible)

    def memory(self) -> Iterator[Line]:
        """Memory of the program's own with many rows open."""
        path = data.write_rows(self.folder / f"rows-{self.sizes.many_rows}.log", data.line_log_records, self.sizes.many_rows)
        found = self.program("open", path)
        allowed = max(200.0, 800 * self.sizes.many_rows / 5_000_000)
        total = found["memory"]
        yield Line(
            f"{int(found['rows']):,} rows open: own memory, all processes", f"{total:.0f} MB", "", f"{allowed:.0f} MB", total <= allowed
        )


def _processor_time(work: str, ours: Sequence[dict[str, float]], bare: Sequence[dict[str, float]], most: float) -> Line:
    """What the same work takes of all cores together: says on a busy machine what wall time says on a quiet one."""
    own, loop = (statistics.median(run["cpu"] for run in runs) for runs in (ours, bare))
    met = own <= most * loop if own and loop else None
    return Line(f"{work}, processor time", f"{own:.2f} s", f"bare loop {loop:.2f} s: {own / max(loop, 1e-9):.2f}x", f"at most {most}x", met)


QUERY_LIMITS = {
    "substring": 100.0,
    "regex": 200.0,
    "level and provider": 5.0,
    "sort by time": 100.0,
    "histogram": 50.0,
    "page": 5.0,
    "page of scattered rows": 5.0,
    "first rows of a filter": 50.0,
}
"""Milliseconds at 1 M rows."""


# ---- what a measuring process does


def measure_open(paths: Sequence[str]) -> dict[str, float]:
    """Open logs in a session whose workers are ready, as in a program that has started."""
    from inspector.job import Job
    from inspector.session import Session

    with Session() as session:
        pool = session._pool
        while len(pool.idle()) < pool.count:
            pool.wait(0.05)
        processes = [os.getpid(), *(worker.process.pid for worker in pool._workers)]
        before = sum(processor_time(pid) for pid in processes if pid)
        start = time.perf_counter()
        first: list[float] = []
        session.open([Path(path) for path in paths], Job(), lambda _: first.append(time.perf_counter() - start))
        wall = time.perf_counter() - start
        used = sum(processor_time(pid) for pid in processes if pid) - before
        time.sleep(2)  # what the allocators hold back is given back after a while
        memory = sum(anonymous(pid) for pid in processes if pid)
        return {"wall": wall, "first": first[0] if first else wall, "rows": len(session), "memory": memory, "cpu": used}


def processor_time(pid: int) -> float:
    """Seconds that a process has used of any core; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def anonymous(pid: int) -> float:
    """Memory of a process that belongs to no file, in MB; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")), 0.0)


def measure_bare(paths: Sequence[str]) -> dict[str, float]:
    """The loop that any program over the Rust reader has: every record as XML, nothing done with it."""
    from evtx import PyEvtxParser

    start, used, records = time.perf_counter(), time.process_time(), 0
    for path in paths:
        for _ in PyEvtxParser(path).records():
            records += 1
    return {"wall": time.perf_counter() - start, "rows": records, "cpu": time.process_time() - used}


def measure_python_evtx(paths: Sequence[str]) -> dict[str, float]:
    """The same with python-evtx."""
    from Evtx.Evtx import Evtx

    start, records = time.perf_counter(), 0
    for path in paths:
        with Evtx(path) as log:
            for record in log.records():
                record.xml()
                records += 1
    return {"wall": time.perf_counter() - start, "rows": records}


def measure_queries(arguments: Sequence[str]) -> dict[str, float]:
    """Medians of queries over a store of so many rows of about 400 characters."""
    import numpy as np

    from inspector.job import Job
    from inspector.query import parse

    with tempfile.TemporaryDirectory() as folder:
        store = data.filled_store(Path(folder), int(arguments[0]))
        rows = store.matching(parse("").condition, Job())
        ordered = store.in_order(rows, "time", descending=True, job=Job())
        columns = ["level", "time", "provider", "event_id", "computer", "message", "source_name"]

        def first() -> None:
            class EnoughError(Exception):
                pass

            def stop(_: object) -> None:
                raise EnoughError

            with contextlib.suppress(EnoughError):
                store.matching(parse("step level:error").condition, Job(), stop)

        works: dict[str, Callable[[], object]] = {
            "substring": lambda: store.matching(parse("needle").condition, Job()),
            "regex": lambda: store.matching(parse(r"/needle\d+ in step/").condition, Job()),
            "level and provider": lambda: store.matching(parse('level:error source:="Provider 3"').condition, Job()),
            "sort by time": lambda: store.in_order(rows, "time", descending=True, job=Job()),
            "histogram": lambda: store.binned(None, 200),
            "page": lambda: store.frame(rows[len(rows) // 2 :][:128], columns),
            "page of scattered rows": lambda: store.frame(ordered[:: max(1, len(rows) // 128)][:128], columns),
            "first rows of a filter": first,
        }
        found = {}
        for name, work in works.items():
            work()
            times = []
            for _ in range(7):
                start = time.perf_counter()
                work()
                times.append(1000 * (time.perf_counter() - start))
            found[name] = float(np.median(times))
        store.close()
        return found


MEASURES: dict[str, Callable[[Sequence[str]], dict[str, float]]] = {
    "open": measure_open,
    "bare": measure_bare,
    "python_evtx": measure_python_evtx,
    "queries": measure_queries,
}


def machine() -> str:
    """What the figures were taken on."""
    model = ""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        model = platform.processor()
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {model or platform.machine()}, {platform.system()}, Python {platform.python_version()}{load}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = ["evtx", "text", "small", "queries", "memory", "gui"]
    parser.add_argument("--full", action="store_true", help="the sizes that count: 100 and 500 MB, 600 files, 1 and 5 million rows")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--table", type=Path, help="write the table to this file as well, as Markdown")
    parser.add_argument("--data", type=Path, help="keep the built logs in this folder")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(MEASURES[options.measure[0]](options.measure[1:])))
        return 0
    with tempfile.TemporaryDirectory(prefix="inspector-bench-") as temporary:
        folder = options.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, FULL if options.full else MODEST, options.repeat)
        lines: list[str] = []

        def tell(line: str) -> None:
            print(line, flush=True)
            lines.append(line)
            if options.table:  # as far as it goes: a run of many minutes may be stopped
                options.table.write_text("\n".join(lines) + "\n", encoding="utf-8")

        tell(f"{machine()}; medians of {options.repeat} runs, beside the peers in turn.")
        tell("")
        tell("| work | measured | beside | to reach | |")
        tell("|---|---|---|---|---|")
        for name in options.only:
            for line in getattr(bench, name)():
                mark = {True: "reached", False: "not reached", None: ""}[line.met]
                tell(f"| {line.work} | {line.measured} | {line.beside} | {line.wanted} | {mark} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
