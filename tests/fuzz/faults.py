"""Faults by the hundred: worker processes killed at random moments, and the program itself killed while it saves."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inspector import casefile
from inspector.casefile import Case, EventKey
from inspector.ingest.pool import Patience, Pool
from inspector.ingest.reading import Reading, Wishes
from inspector.job import Job
from inspector.store import EventStore
from tests import misbehaving
from tests.fuzz import seeds


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often the fault was brought about and what broke; a line for each."""

    times: int
    broken: tuple[str, ...]


def kill_workers(rounds: int, seed: int, until: float = float("inf")) -> Outcome:
    """Read a log while workers are killed now and then: every row arrives, in order, and nobody is told of a loss."""
    chance = random.Random(seed)
    broken: list[str] = []
    done = 0
    with tempfile.TemporaryDirectory(prefix="inspector-faults-") as made:
        folder = Path(made)
        segments = folder / "segments"
        segments.mkdir()
        words = [f"n{number}" for number in range(300_000)]
        log = folder / "a.mis"
        log.write_bytes(misbehaving.content(words))
        pool = Pool(2, segments, Patience(stall=60, again=60), "tests.misbehaving")
        pool.start()
        try:
            while done < rounds and time.monotonic() < until:
                done += 1
                store = EventStore()
                reading = Reading(store, pool, Wishes(), itertools.count().__next__, Job(), None)
                stop = threading.Event()
                killer = threading.Thread(target=_kill_some, args=(pool, stop, chance.random()))
                killer.start()
                try:
                    reading.run([log])
                finally:
                    stop.set()
                    killer.join()
                told = [*reading.problems, *(problem for source in store.sources for problem in source.problems)]
                if told or store.frame(None, ["message"])["message"].to_list() != words:
                    broken.append(f"round {done} of seed {seed}: {len(store):,} of {len(words):,} rows, {told[:3]}")
                store.close()
                for left in segments.iterdir():
                    left.unlink()
        finally:
            pool.close()
    return Outcome(done, tuple(broken))


def _kill_some(pool: Pool, stop: threading.Event, seed: float) -> None:
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 2, 4))):
        if stop.wait(chance.uniform(0.0, 0.25)):
            return
        busy = [worker.process.pid for worker in pool.busy()]
        victims = [pid for pid in busy if pid is not None]
        if victims:
            os.kill(chance.choice(victims), signal.SIGKILL)


SAVES: Final = """
import sys
from pathlib import Path
from tests.fuzz.faults import case_number
from inspector import casefile
path = Path(sys.argv[1])
number = int(sys.argv[2])
print("ready", flush=True)
while True:
    number += 1
    casefile.save(case_number(number), path)
    print(number, flush=True)
"""


def case_number(number: int) -> Case:
    """A case that is recognised by its filter; large enough that saving it takes a while."""
    notes = {EventKey(0, place, 1): f"note {place} of case {number} " * 20 for place in range(200)}
    return Case(sources=seeds.CASE.sources, filter=f"case {number}", notes=notes)


def cut_power_while_saving(rounds: int, seed: int, until: float = float("inf")) -> Outcome:
    """Kill the program while it saves a case again and again: the last one it reported as saved is there, or the one after it, whole."""
    chance = random.Random(seed)
    broken: list[str] = []
    done = 0
    with tempfile.TemporaryDirectory(prefix="inspector-faults-") as made:
        path = Path(made) / "customer.inspection"
        last = 0
        casefile.save(case_number(last), path)
        while done < rounds and time.monotonic() < until:
            done += 1
            child = subprocess.Popen([sys.executable, "-c", SAVES, str(path), str(last)], stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.15))
            child.kill()
            reported = [int(line) for line in child.communicate()[0].splitlines() if line.isdigit()]
            last = max([last, *reported])
            try:
                case = casefile.load(path)
            except casefile.CaseError as error:
                broken.append(f"round {done} of seed {seed}: {error}")
                break
            found = int(case.filter.removeprefix("case "))
            if found not in {last, last + 1} or case != case_number(found):
                broken.append(f"round {done} of seed {seed}: {last} was saved, {found} is there")
            last = found
    return Outcome(done, tuple(broken))


FAULTS: Final[Mapping[str, Callable[[int, int, float], Outcome]]] = {
    "killed_workers": kill_workers,
    "power_cut_while_saving": cut_power_while_saving,
}
"""Name to what brings the fault about: so many rounds, by this seed, until this moment."""
