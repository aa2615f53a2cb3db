"""Runs a built package as a user would and fails on any output line that is not expected.

``smoke_test.py PROGRAM``: the folder or the single file that was built. clean_root.py runs the same inside a system without Python.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import linux_files
import slimming
from product import CONSOLE, NAME, ROOT, WINDOW
from virtual_screen import Screen, is_possible, virtual_screen

sys.path.insert(0, str(ROOT))

SUFFIX: Final = ".exe" if sys.platform == "win32" else ""
NETWORK: Final = re.compile(r"Qt6?(Network|WebEngine|WebSockets|HttpServer|WebView)|(^|/)_?ssl\b|libssl|cacert\.pem", re.IGNORECASE)
NEEDED: Final = (
    "**/resources/dictionary/*.toml",
    "**/resources/icons/*.svg",
    "**/qtbase_it.qm",
    "licences/Token-Log-Inspector.txt",
    "licences/Python.txt",
    "licences/Qt.txt",
    "licences/LGPL-3.0.txt",
    "licences/*/*",
    "bill-of-materials.cdx.json",
)
SAMPLES: Final = ("session-manager.txt", "orders-service.log")
PATIENCE: Final = 180


class Failed(Exception):
    """A check of the package did not hold; the message says which and what was seen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the program is tried. ``root``: a system of its own, or None for this one; ``offline``: without any network interface."""

    console: str
    window: str
    home: Path
    """As seen from outside."""
    root: Path | None = None
    offline: bool = False

    def inside(self, path: Path) -> str:
        """A path as the program sees it."""
        return str(path) if self.root is None else f"/{path.relative_to(self.root)}"

    def command(self, *arguments: str) -> list[str]:
        """What to start so that the arguments run in this place."""
        isolated = ["unshare", "-n" if os.geteuid() == 0 else "-rn"] if self.offline else []
        return [*isolated, *([shutil.which("chroot") or "chroot", str(self.root)] if self.root else []), *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        """What a fresh account has: no Python, no virtual environment, no settings of this one."""
        home = self.inside(self.home)
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "LOCALAPPDATA", "APPDATA") if name in os.environ}
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": home,
            "USERPROFILE": home,
            "XDG_RUNTIME_DIR": f"{home}/.run",
            "LANG": "C.UTF-8",
            **kept,
            **more,
        }

    def run(self, *arguments: str, expected: int = 0, error: str = "") -> str:
        """Standard output of a program. Raises Failed for another exit code or other lines (a pattern) on standard error."""
        done = subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment(),
            cwd=self.home,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode != expected or not re.fullmatch(error, done.stderr.strip()):
            raise Failed(
                f"{' '.join(arguments)}: exit code {done.returncode}, wanted {expected}; it said {done.stdout!r} and {done.stderr!r}"
            )
        return done.stdout

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a program that stays."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(**more),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )


def can_isolate() -> bool:
    """Whether programs can be started without any network interface here."""
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-n" if os.geteuid() == 0 else "-rn", "true"], capture_output=True, check=False).returncode == 0


def forget_files() -> bool:
    """Make the system forget what it keeps of files in memory, so that the next start is a cold one; whether that was allowed."""
    try:
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3", "ascii")
    except OSError:
        return False
    return True


# --- what is tried ------------------------------------------------------------------------------------------------------


def check_contents(folder: Path) -> None:
    """No network module, and resources, licences and the bill of materials are there."""
    unwanted = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if NETWORK.search(path.relative_to(folder).as_posix())]
    # Licences are texts; the packages' own bills of materials may well speak of what they could do.
    if unwanted := [name for name in unwanted if not name.startswith("licences/")]:
        raise Failed(f"network modules in the package: {unwanted}")
    for wanted in NEEDED:
        if not any(folder.glob(wanted)):
            raise Failed(f"the package has no {wanted}")
    if sys.platform == "linux" and (lacking := lacking_libraries(folder)):
        raise Failed(f"neither in the package nor in what it depends on (were they on the machine that built it?): {lacking}")
    bill = json.loads((folder / "bill-of-materials.cdx.json").read_text("utf-8"))
    named = {component["name"].lower() for component in bill["components"]}
    if missing := {"polars", "lxml", "cryptography", "qt", "cpython"} - named:
        raise Failed(f"the bill of materials lacks {sorted(missing)}")


def lacking_libraries(folder: Path) -> list[str]:
    """Shared libraries that something in the package asks for and nobody brings."""
    here = {path.name for path in folder.rglob("*.so*")}
    asked = {name for path in folder.rglob("*.so*") if not path.is_symlink() for name in slimming.needs(path)}
    return sorted(name for name in asked - here if not linux_files.PROVIDED.fullmatch(name))


def check_commands(place: Place) -> None:
    """Version, self test, findings, rows and report of the samples."""
    sample, orders = (str(place.inside(place.home / name)) for name in SAMPLES)
    if not re.fullmatch(r"inspector \d\S*\s*", shown := place.run(place.console, "--version")):
        raise Failed(f"--version says {shown!r}")
    lines = place.run(place.console, "selftest").splitlines()
    unexpected = [line for line in lines if not re.match(r"ok +\S|all checks passed$", line)]
    if unexpected or "ok     worker processes read the sample" not in lines:
        raise Failed(f"selftest says {lines}")
    document = json.loads(place.run(place.console, "findings", sample, "--format", "json", expected=1))
    if [one["cause"] for one in document["findings"]][:1] != ["bad_credentials"]:
        raise Failed(f"findings of the sample: {document['findings']}")
    rows = place.run(place.console, "events", sample, orders, "--format", "jsonl", "--jobs", "2").splitlines()
    if len(rows) < 4 or not all(isinstance(json.loads(row), dict) for row in rows):
        raise Failed(f"events of two samples: {rows}")
    report = place.home / "report.html"
    place.run(place.console, "report", sample, "-o", place.inside(report), expected=1, error=r"\S+report\.html: 1 finding from 2 events")
    if "</html>" not in report.read_text("utf-8"):
        raise Failed("the report is not whole")


def check_event_log(place: Place) -> None:
    """A Windows event log is read, by worker processes that the program starts out of itself."""
    rows = place.run(place.console, "events", place.inside(event_log(place)), "--format", "jsonl").splitlines()
    if len(rows) != 40:
        raise Failed(f"events of the event log: {len(rows)}, wanted 40")


def event_log(place: Place) -> Path:
    """A Windows event log made for the test, with a name that needs quoting."""
    path = place.home / "Überwachung à propos (1).evtx"
    if not path.exists():
        from tests.builders.evtx import EventSpec, evtx_bytes

        path.write_bytes(evtx_bytes([EventSpec() for _ in range(40)]))
    return path


def check_window(place: Place) -> None:
    """The window is painted, takes the file of a second start, says nothing, and closes with both files remembered."""
    if sys.platform != "linux" or not is_possible():
        check_window_stays(place)
        return
    sample, second = (place.inside(place.home / name) for name in SAMPLES)
    with virtual_screen() as screen:
        cold = forget_files()
        begun = time.perf_counter()
        window = place.start(place.window, sample, DISPLAY=screen.display)
        painted = screen.wait_painted()
        took = time.perf_counter() - begun
        if not painted or window.poll() is not None:
            raise _dead(window, "nothing was painted")
        how = "files not in memory" if cold else "the system does not let files be dropped from memory"
        print(f"       window painted after {took:.2f} s ({how}; {processor_time(window.pid):.2f} s of processor time)", flush=True)
        expect_log(place, window, sample)
        # A second start hands its file to the first and ends.
        other = place.start(place.window, second, DISPLAY=screen.display)
        said, _ = other.communicate(timeout=PATIENCE)
        if other.returncode or said or len(screen.windows()) != 1:
            raise Failed(f"the second start ended with {other.returncode} and said {said!r}; windows: {len(screen.windows())}")
        expect_log(place, window, second)
        close(place, screen, window, [sample, second])


def check_window_stays(place: Place) -> None:
    """Where nothing can look at the screen: the window stays open on the sample and says nothing."""
    more = {"QT_QPA_PLATFORM": "offscreen"} if sys.platform == "linux" else {}
    window = place.start(place.window, place.inside(place.home / SAMPLES[0]), **more)
    time.sleep(15)
    alive = window.poll() is None
    window.terminate()
    said, _ = window.communicate(timeout=PATIENCE)
    if not alive or said:
        raise Failed(f"the window {'says' if alive else 'ended and said'}: {said!r}")


def check_double_click(place: Place) -> None:
    """The desktop knows the file by its kind and opens it with the installed program."""
    path = place.inside(event_log(place))
    for name, kind in (("a.evtx", "application/x-ms-evtx"), ("a.evt", "application/x-ms-evt"), ("a.svclog", "application/x-wcf-svclog")):
        (place.home / name).write_bytes(b"not empty")
        if (shown := place.run("gio", "info", "-a", "standard::fast-content-type", place.inside(place.home / name))).split()[-1] != kind:
            raise Failed(f"{name} is taken for {shown!r}")
        (place.home / name).unlink()
        if (default := place.run("xdg-mime", "query", "default", kind).strip()) != f"{NAME}.desktop":
            raise Failed(f"{kind} would be opened by {default!r}")
    with virtual_screen() as screen:
        done = place.start("xdg-open", path, DISPLAY=screen.display)
        if not screen.wait_painted():
            raise _dead(done, "xdg-open showed no window")
        expect_log(place, done, path)
        close(place, screen, done, [path])


# --- how it is looked at ------------------------------------------------------------------------------------------------


def processor_time(process: int) -> float:
    """Seconds of processor time that a process has used; none when it is gone."""
    try:
        content = Path(f"/proc/{process}/stat").read_text("ascii", "replace")
    except OSError:
        return 0.0
    fields = content.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def expect_log(place: Place, window: subprocess.Popen[str], path: str) -> None:
    """Wait until the window has read a file. Raises Failed.

    Its worker processes are the sign: they come, out of the packaged program, when reading begins.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if window.poll() not in {None, 0}:
            raise _dead(window, f"ended before it had read {path}")
        if workers(place):
            break
        time.sleep(0.1)
    else:
        raise Failed(f"no worker process was started for {path}")
    # Read, diagnosed and shown: nobody computes any more. What was read shows when the window closes.
    quiet = 0
    while quiet < 4 and time.monotonic() < end:
        before = sum(map(processor_time, family(place)))
        time.sleep(1)
        quiet = quiet + 1 if sum(map(processor_time, family(place))) - before < 0.1 else 0


def workers(place: Place) -> list[int]:
    """The worker processes of the program that is tried."""
    return family(place, b"--multiprocessing-fork")


def family(place: Place, marked: bytes = b"") -> list[int]:
    """All processes of the account that is tried, those whose command line has a mark in it."""
    home = str(place.inside(place.home)).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            continue
        if marked in command and b"HOME=" + home + b"\0" in environment:
            found.append(int(process.name))
    return found


def close(place: Place, screen: Screen, window: subprocess.Popen[str], opened: Sequence[str]) -> None:
    """Close the window as a person does; it must have remembered the files as open, and have said nothing."""
    settings = place.home / ".config" / NAME / "window.json"
    settings.unlink(missing_ok=True)
    screen.close_windows()
    said, _ = window.communicate(timeout=PATIENCE)
    end = time.monotonic() + 30
    while not settings.exists() and time.monotonic() < end:
        time.sleep(0.1)
    if window.returncode or said:
        raise Failed(f"the window ended with {window.returncode} and said {said!r}")
    remembered = json.loads(settings.read_text("utf-8")).get("open_sources", [])
    if sorted(remembered) != sorted(opened):
        raise Failed(f"the window had {remembered} open, not {list(opened)}")


def _dead(window: subprocess.Popen[str], what: str) -> Failed:
    window.terminate()
    said, _ = window.communicate(timeout=PATIENCE)
    return Failed(f"{what}; the program ended with {window.returncode} and said {said!r}")


# --- running ------------------------------------------------------------------------------------------------------------


def prepare_home(home: Path) -> None:
    """A fresh account with the samples in it."""
    home.mkdir(parents=True, exist_ok=True)
    (home / ".run").mkdir(mode=0o700, exist_ok=True)
    for name in SAMPLES:
        shutil.copyfile(ROOT / "resources/samples" / name, home / name)


def check_nothing_left(place: Place) -> None:
    """The program leaves nothing behind but its settings and what it was asked to write."""
    expected = {"report.html", ".config", ".cache", ".local", ".run", event_log(place).name, *SAMPLES}
    if left := sorted(path.name for path in place.home.iterdir() if path.name not in expected):
        raise Failed(f"left behind: {left}")


def run_checks(checks: Mapping[str, Callable[[], None]]) -> bool:
    """Run checks by name until one does not hold; whether all did."""
    for name, check in checks.items():
        try:
            check()
        except Failed as failure:
            print(f"FAILED {name}: {failure}", flush=True)
            return False
        print(f"ok     {name}", flush=True)
    return True


def program_checks(place: Place) -> dict[str, Callable[[], None]]:
    """What is tried of a program wherever it lies."""
    return {
        f"commands{' (without network interface)' if place.offline else ''}": lambda: check_commands(place),
        "event log": lambda: check_event_log(place),
        "window": lambda: check_window(place),
        "nothing left behind": lambda: check_nothing_left(place),
    }


def main(arguments: Sequence[str]) -> int:
    """Try a built program; 1 when a check does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, help="the folder or the single file that was built")
    program = parser.parse_args(arguments).program.resolve()
    with tempfile.TemporaryDirectory(prefix="inspector-smoke-") as made:
        home = Path(made).resolve()
        prepare_home(home)
        names = (f"{CONSOLE}{SUFFIX}", f"{WINDOW}{SUFFIX}")
        console, window = (str(program / name) for name in names) if program.is_dir() else (str(program), str(program))
        place = Place(console, window, home, offline=can_isolate())
        checks = {"contents": lambda: check_contents(program)} if program.is_dir() else {}
        return 0 if run_checks({**checks, **program_checks(place)}) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
