"""Runs a built package as a user would and fails on any output line that is not expected."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

UNWANTED = re.compile(r"Qt6?Network|Qt6?WebEngine|Qt6?WebSockets|Qt6?HttpServer", re.IGNORECASE)


class Failed(Exception):
    """A check of the package did not hold; the message says which and what was seen."""


def clean_environment(home: Path) -> dict[str, str]:
    """What a fresh account has: no Python, no virtual environment, no settings of this one."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / ".run"),
        "LANG": "C.UTF-8",
        **{name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "DISPLAY") if name in os.environ},
    }


def run(program: Path, *arguments: str, home: Path, expected: int = 0) -> str:
    """Standard output of the program. Raises Failed for another exit code or any line on standard error."""
    done = subprocess.run(
        [str(program), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=clean_environment(home),
        cwd=home,
        check=False,
        timeout=180,
    )
    if done.returncode != expected or done.stderr:
        raise Failed(f"{program.name} {' '.join(arguments)}: exit code {done.returncode}, wanted {expected}; {done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def screen(home: Path) -> Iterator[dict[str, str]]:
    """An environment with a virtual screen, or without one where Xvfb is missing (offscreen then)."""
    if not shutil.which("Xvfb"):
        yield {**clean_environment(home), "QT_QPA_PLATFORM": "offscreen"}
        return
    readable, writable = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1280x800x24"], pass_fds=[writable], stderr=subprocess.DEVNULL
    )
    try:
        number = os.read(readable, 16).decode().strip()
        yield {**clean_environment(home), "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait()


def check_command_line(folder: Path, home: Path) -> None:
    """Version, self test, findings and report of the bundled sample."""
    program = folder / ("inspector.exe" if sys.platform == "win32" else "inspector")
    if not re.fullmatch(r"inspector \d\S*\s*", shown := run(program, "--version", home=home)):
        raise Failed(f"--version says {shown!r}")
    lines = run(program, "selftest", home=home).splitlines()
    unexpected = [line for line in lines if not re.match(r"ok +\S|all checks passed$", line)]
    if unexpected or len(lines) < 10:
        raise Failed(f"selftest says {lines}")
    sample = next(folder.rglob("resources/samples/session-manager.txt"))
    document = json.loads(run(program, "findings", str(sample), "--format", "json", home=home, expected=1))
    if [one["cause"] for one in document["findings"]][:1] != ["bad_credentials"]:
        raise Failed(f"findings of the sample: {document['findings']}")
    report = home / "report.html"
    done = subprocess.run(
        [str(program), "report", str(sample), "-o", str(report)],
        capture_output=True,
        text=True,
        env=clean_environment(home),
        check=False,
        timeout=180,
    )
    if (
        done.returncode != 1
        or not re.fullmatch(r"\S+report\.html: 1 finding from 2 events\s*", done.stderr)
        or "</html>" not in report.read_text("utf-8")
    ):
        raise Failed(f"report: exit code {done.returncode}, {done.stderr!r}")


def check_window(folder: Path, home: Path) -> None:
    """The window stays open on the sample and says nothing."""
    program = folder / ("inspector-window.exe" if sys.platform == "win32" else "inspector-window")
    sample = next(folder.rglob("resources/samples/session-manager.txt"))
    with screen(home) as environment:
        window = subprocess.Popen(
            [str(program), str(sample)], env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        time.sleep(8)
        alive = window.poll() is None
        window.terminate()
        said, _ = window.communicate(timeout=30)
        if not alive or said:
            raise Failed(f"the window {'says' if alive else 'ended and said'}: {said!r}")


def check_contents(folder: Path) -> None:
    """No network module of Qt, the resources, the licences and the bill of materials are there."""
    unwanted = [str(path) for path in folder.rglob("*") if UNWANTED.search(path.name)]
    if unwanted:
        raise Failed(f"network modules in the package: {unwanted}")
    for wanted in ("**/resources/dictionary/*.toml", "**/resources/icons/*.svg", "licences/*", "bill-of-materials.cdx.json"):
        if not any(folder.glob(wanted)):
            raise Failed(f"the package has no {wanted}")


def main(arguments: Sequence[str]) -> int:
    """Try the package in the given folder; 1 when a check does not hold."""
    folder = Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory(prefix="inspector-smoke-") as made:
        home = Path(made)
        (home / ".run").mkdir(mode=0o700)
        for name, check in (
            ("contents", check_contents),
            ("command line", lambda one: check_command_line(one, home)),
            ("window", lambda one: check_window(one, home)),
        ):
            try:
                check(folder)
            except Failed as failure:
                print(f"FAILED {name}: {failure}", flush=True)
                return 1
            print(f"ok     {name}", flush=True)
        left = sorted(path.name for path in home.iterdir() if path.name not in {"report.html", ".config", ".cache", ".local", ".run"})
        if left:
            print(f"FAILED left behind: {left}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
