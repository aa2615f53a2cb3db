"""Fuzzes everything that reads foreign content: coverage-guided by atheris where that is installed, else by blind mutation.

    python3 dev.py fuzz                          every harness in turn, a minute each
    python3 dev.py fuzz --seconds 600 --only payloads --only format.evtx
    python3 dev.py fuzz --replay FILE --only payloads

Inputs that break a promise are saved with what they broke, one of a kind; the exit code then is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import hashlib
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.fuzz.mutation import mutated

if TYPE_CHECKING:
    from tests.fuzz.harnesses import Harness

ROOT: Final = Path(__file__).resolve().parents[2]
INTO: Final = ROOT / "build" / "fuzz"
SLOW: Final = 10.0
"""Seconds of processor time for one input; coverage costs a factor of about five of what the program needs."""
STUCK: Final = 60
"""Seconds after which an input counts as endless."""
MEMORY: Final = 2048
"""MB that a harness may take."""


@dataclass(slots=True)
class Account:
    """What one process did."""

    executions: int = 0
    seconds: float = 0.0
    findings: int = 0
    slowest: float = 0.0


class Judge:
    """Runs a harness on inputs, keeps the ones that break it, one of a kind, and goes on."""

    def __init__(self, harness: Harness, into: Path, account_file: Path) -> None:
        self._harness = harness
        self._into = into / harness.name
        self._account_file = account_file
        self._known: set[str] = set()
        self._began = time.monotonic()
        self._written = 0.0
        self.account = Account()

    def __call__(self, data: bytes) -> None:
        """Try one input. Raises nothing but what ends the process."""
        began = time.process_time()
        try:
            self._harness.run(data)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of a native reader is no Exception
            self._keep(data, _kind(error), "".join(traceback.format_exception(error)))
        took = time.process_time() - began
        if took > SLOW:
            self._keep(data, "slow", f"{took:.1f} s of processor time for {len(data):,} bytes\n")
        self.account.executions += 1
        self.account.slowest = max(self.account.slowest, took)
        self.settle(every=0.5)

    def settle(self, every: float = 0.0) -> None:
        """Write down how far it came, at most so often: the process may end without notice."""
        now = time.monotonic()
        if now - self._written >= every:
            self._written = now
            self.account.seconds = now - self._began
            self._account_file.write_text(json.dumps(asdict(self.account)), encoding="utf-8")

    def _keep(self, data: bytes, kind: str, said: str) -> None:
        if kind in self._known:
            return
        self._known.add(kind)
        self.account.findings += 1
        self._into.mkdir(parents=True, exist_ok=True)
        name = f"{kind}-{hashlib.sha256(data).hexdigest()[:10]}"
        (self._into / name).write_bytes(data)
        (self._into / f"{name}.txt").write_text(said, encoding="utf-8", errors="backslashreplace")
        print(f"  {self._harness.name}: {said.strip().splitlines()[-1][:200]}\n    {self._into / name}", flush=True)


def _kind(error: BaseException) -> str:
    """Where and how it broke: two inputs that agree in it count as one."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "inspector")] or frames
    return f"{type(error).__name__}-{Path(ours[-1].filename).stem}-{ours[-1].lineno}"


# --- one harness, in a process of its own -------------------------------------------------------------------------------


def _with_coverage(judge: Judge, harness: Harness, seconds: int, corpus: Path, artefacts: Path) -> None:
    import atheris

    options = [
        f"-max_total_time={seconds}", f"-timeout={STUCK}", f"-rss_limit_mb={MEMORY}", f"-max_len={harness.longest}", f"-artifact_prefix={artefacts}/",
        "-verbosity=0", "-print_final_stats=0", str(corpus),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], judge)
    atheris.Fuzz()


def _blindly(judge: Judge, harness: Harness, seconds: int, seeds: Sequence[bytes], chance: random.Random) -> None:
    until = time.monotonic() + seconds
    for seed in seeds:
        judge(seed)
    while time.monotonic() < until:
        judge(mutated(seeds, chance, harness.longest))


def work(name: str, seconds: int, into: Path, account_file: Path, *, blind: bool, seed: int) -> int:
    """Fuzz one harness until the time is up."""
    covered: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if not blind:
        import atheris

        covered = atheris.instrument_imports(include=["inspector"])
    with covered:
        from tests.fuzz import seeds
        from tests.fuzz.harnesses import HARNESSES
    harness = next(one for one in HARNESSES if one.name == name)
    start = [*harness.seeds(), *seeds.found(name)]
    judge = Judge(harness, into, account_file)
    with tempfile.TemporaryDirectory(prefix="inspector-fuzz-") as folder:
        if blind:
            _blindly(judge, harness, seconds, [one[: harness.longest] for one in start], random.Random(seed))
        else:
            seeds.write(Path(folder), start, harness.longest)
            artefacts = into / name
            artefacts.mkdir(parents=True, exist_ok=True)
            _with_coverage(judge, harness, seconds, Path(folder), artefacts)
    judge.settle()
    return 0


# --- all harnesses, one after the other ---------------------------------------------------------------------------------


def _one(name: str, seconds: int, into: Path, *, blind: bool, seed: int) -> Account:
    """A harness until its time is up; a process that an input ended is replaced, and the input kept."""
    total = Account()
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="inspector-fuzz-") as folder:
        account_file = Path(folder, "account")
        while (left := round(until - time.monotonic())) > 0:
            command = [sys.executable, __file__, "--work", name, "--seconds", str(left), "--into", str(into), "--account", str(account_file), "--seed", str(seed)]  # fmt: skip
            done = subprocess.run(
                [*command, *(["--blind"] if blind else [])],
                check=False,
                stdout=None,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                env={**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONPATH": str(ROOT)},
            )
            said = json.loads(account_file.read_text(encoding="utf-8")) if account_file.exists() else {}
            account_file.unlink(missing_ok=True)
            total.executions += int(said.get("executions", 0))
            total.findings += int(said.get("findings", 0))
            total.slowest = max(total.slowest, float(said.get("slowest", 0)))
            total.seconds += float(said.get("seconds", 0))
            if done.returncode == 0:
                break
            total.findings += 1
            log = into / name / f"ended-{int(time.time())}.txt"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(done.stderr[-20_000:], encoding="utf-8")
            print(f"  {name}: the process ended with {done.returncode}; what it said: {log}", flush=True)
            if not said:
                break
            seed += 1
    return total


def _fault(name: str, seconds: int, seed: int) -> Account:
    """Bring a fault about until the time is up."""
    from tests.fuzz.faults import FAULTS

    began = time.monotonic()
    outcome = FAULTS[name.removeprefix("faults.")](1_000_000, seed, began + seconds)
    for line in outcome.broken:
        print(f"  {name}: {line}", flush=True)
    return Account(outcome.times, time.monotonic() - began, len(outcome.broken))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; exit code 0 nothing found, 1 something found, 2 not understood."""
    options = argparse.ArgumentParser(prog="python3 dev.py fuzz", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seconds", type=int, default=60, help="for each harness (60)")
    options.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="harnesses whose name fits (* and ? allowed); may be repeated"
    )
    options.add_argument("--into", type=Path, default=INTO, help="folder for inputs that break something (build/fuzz)")
    options.add_argument("--seed", type=int, default=0, help="of chance, for blind mutation and faults")
    options.add_argument("--blind", action="store_true", help="mutate without coverage even where atheris is installed")
    options.add_argument("--list", action="store_true", help="name the harnesses and stop")
    options.add_argument("--replay", type=Path, metavar="FILE", help="run the harness named by --only on one input")
    options.add_argument("--work", help=argparse.SUPPRESS)
    options.add_argument("--account", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args(arguments)
    blind = chosen.blind or importlib.util.find_spec("atheris") is None
    if chosen.work:
        return work(chosen.work, chosen.seconds, chosen.into, chosen.account, blind=blind, seed=chosen.seed)
    from tests.fuzz.faults import FAULTS
    from tests.fuzz.harnesses import HARNESSES

    faults = [f"faults.{name}" for name in FAULTS]
    names = [
        name
        for name in [*(one.name for one in HARNESSES), *faults]
        if not chosen.only or any(fnmatch.fnmatch(name, f"*{only}*") for only in chosen.only)
    ]
    if not names:
        options.error(f"no harness fits {', '.join(chosen.only)}")
    if chosen.list:
        print("\n".join(names))
        return 0
    if chosen.replay:
        next(one for one in HARNESSES if one.name == names[0]).run(chosen.replay.read_bytes())
        print(f"{names[0]}: nothing broke")
        return 0
    print(f"{len(names)} harnesses, {chosen.seconds} s each, {'blind mutation' if blind else 'guided by coverage'}", flush=True)
    found = 0
    for name in names:
        if name in faults:
            account = _fault(name, chosen.seconds, chosen.seed)
        else:
            account = _one(name, chosen.seconds, chosen.into, blind=blind, seed=chosen.seed)
        found += account.findings
        print(
            f"{name:<28} {account.executions:>10,} executions in {account.seconds:>5.0f} s, slowest {account.slowest * 1000:>6.0f} ms, found {account.findings}",
            flush=True,
        )
    print(f"Found: {found}" + (f"; the inputs are in {chosen.into}" if found else ""))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
