#!/usr/bin/env python3
"""The one door for running from source and for developing: sets up ``.venv`` by itself, standard library only.

Kept free of syntax newer than Python 3.8, so that an old interpreter still reads far enough to say what it needs.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed.sha256"
SAMPLE = ROOT / "resources" / "samples" / "session-manager.txt"
REPORT = ROOT / "build" / "sample-report.html"

SEAL = ("tests/offline/sealed.py", "--namespace-only")
"""Runs a command where there is no network; a browser started by a test may open sockets there, which then lead nowhere."""

OLDEST = (3, 11)
NEWEST = (3, 14)
GLIBC = {"x86_64": (2, 34), "aarch64": (2, 39)}
"""Oldest glibc that PySide6's wheels run on: Debian 12, Ubuntu 22.04, RHEL 9; on ARM Debian 13, Ubuntu 24.04, RHEL 10."""


class Failure(Exception):
    """Something the person at the keyboard has to do; the message says what."""


class Library(NamedTuple):
    """A shared library that Qt's wheel expects of the system, and the packages that bring it."""

    file: str
    apt: str
    dnf: str
    zypper: str
    pacman: str


LIBRARIES = (
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2", "libglib-2_0-0", "glib2"),
    Library("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd", "libglvnd"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd", "libglvnd"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig", "fontconfig"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon0", "libxkbcommon"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "libdbus-1-3", "dbus"),
)
"""What Qt needs even without a screen."""

SCREEN_LIBRARIES = (
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb-shape0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb-xkb1", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor", "libwayland-cursor0", "wayland"),
    Library("libwayland-egl.so.1", "libwayland-egl1", "libwayland-egl", "libwayland-egl1", "wayland"),
)
"""What Qt needs besides to open a window."""

INSTALLERS = {
    "apt": ("apt-get", "install", "-y", "--no-install-recommends"),
    "dnf": ("dnf", "install", "-y"),
    "zypper": ("zypper", "install", "-y"),
    "pacman": ("pacman", "-S", "--needed"),
}


# --- talking and starting programs -------------------------------------------------------------------------------------


def say(text: str) -> None:
    """One line on stdout, at once, so that it stays in order with what child programs print."""
    print(text, flush=True)


def call(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> int:
    """Run a program in the checkout and return its exit code; on Ctrl+C let it end by itself first."""
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT, env=None if env is None else {**os.environ, **env})
    try:
        return child.wait()
    except KeyboardInterrupt:
        try:
            child.wait(timeout=5)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            child.kill()
            child.wait()
        raise


def answers(command: Sequence[str | Path]) -> str | None:
    """What a program prints, or None when it cannot be started or fails."""
    try:
        done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


# --- what the system has to bring --------------------------------------------------------------------------------------


def has_screen() -> bool:
    """Whether a window can be shown: Windows and macOS always, elsewhere when a display is named."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def loads(file: str) -> bool:
    """Whether the system's loader finds a shared library, whatever package it came from."""
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def missing_libraries(*, screen: bool) -> list[Library]:
    """Libraries of the system that Qt would not find; none to look for on Windows and macOS, whose wheels bring all."""
    if sys.platform != "linux":
        return []
    return [library for library in LIBRARIES + (SCREEN_LIBRARIES if screen else ()) if not loads(library.file)]


def venv_package() -> str:
    """Debian's package that completes the venv module of the running interpreter; empty when nothing is missing."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return ""
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def installer() -> str:
    """Which package tool the system has, a key of INSTALLERS; empty when none of them."""
    return next((name for name, command in INSTALLERS.items() if shutil.which(command[0])), "")


def rights() -> list[str] | None:
    """What to put before a command that needs root: nothing as root, sudo where it asks no password, None without rights."""
    if sys.platform == "win32" or os.geteuid() == 0:
        return []
    if shutil.which("sudo") and answers(["sudo", "-n", "true"]) is not None:
        return ["sudo", "-n"]
    return None


def install_packages(packages: Sequence[str]) -> bool:
    """Install Debian packages where that is possible without asking; False when the rights or apt-get are not there."""
    prefix = rights()
    if installer() != "apt" or prefix is None:
        return False
    say(f"Installing system packages: {' '.join(packages)}")
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    # a failing update (one unreachable source) need not matter: the installation decides
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run([*quiet, *step], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode and step[0] == "install":
            print(done.stdout, file=sys.stderr, flush=True)
            return False
    return True


def install_command(tool: str, packages: Sequence[str]) -> str:
    """The command that a person has to type."""
    root = ["sudo"] if shutil.which("sudo") else []
    return " ".join([*root, *INSTALLERS[tool], *dict.fromkeys(packages)])


def advice(libraries: Sequence[Library]) -> str:
    """What is missing and the command that installs it."""
    names = ", ".join(library.file for library in libraries)
    tool = installer()
    if not tool:
        return f"Qt needs these shared libraries, which this system lacks: {names}\nInstall them with the system's package tool."
    return (
        f"Qt needs these shared libraries, which this system lacks: {names}\n"
        f"Install them as root with:\n  {install_command(tool, [str(getattr(library, tool)) for library in libraries])}"
    )


def prepare_system() -> None:
    """Install what Debian splits off Python and what Qt needs of the system, as far as the rights allow.

    Raises Failure where Python itself lacks what the set-up cannot do without. Missing libraries are left to
    ``require_libraries``: the command line works without them.
    """
    if sys.platform != "linux":
        return
    name, version = platform.libc_ver()
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    oldest = GLIBC.get(platform.machine())
    if oldest is None:
        raise Failure(f"Qt for Python has no package for {platform.machine()}; it runs on {' and '.join(GLIBC)}.")
    if name != "glibc" or found < oldest:
        here = f"{name or 'another C library'} {version}".rstrip()
        raise Failure(f"Qt for Python needs glibc {oldest[0]}.{oldest[1]} or newer; this system has {here}.")
    venv = [venv_package()] if not venv_program("python").exists() and venv_package() else []
    libraries = missing_libraries(screen=has_screen())
    if libraries:
        libraries = missing_libraries(screen=True)
    wanted = venv + [library.apt for library in libraries]
    if wanted:
        install_packages(wanted)
        importlib.invalidate_caches()
    if venv and venv_package():
        if installer() != "apt":
            raise Failure("Python's venv module is incomplete here: install the package of this system that brings ensurepip.")
        raise Failure(f"Python's venv module is incomplete here. Install it as root with:\n  {install_command('apt', wanted)}")


def require_libraries(*, screen: bool) -> None:
    """Raise Failure, naming the command, when Qt would not start."""
    libraries = missing_libraries(screen=screen)
    if libraries:
        raise Failure(advice(libraries))


# --- the environment ---------------------------------------------------------------------------------------------------


def venv_program(name: str) -> Path:
    """Path of a program in ``.venv``."""
    return VENV / "Scripts" / f"{name}.exe" if sys.platform == "win32" else VENV / "bin" / name


def lock_entries(text: str) -> dict[str, str]:
    """Requirement name to its entry (with hashes) in a lock; one name may have an entry per platform, joined."""
    entries: dict[str, str] = {}
    for found in re.finditer(r"^([A-Za-z0-9._-]+)==.*\n(?:[ \t].*\n)*", text, re.MULTILINE):
        entries[found[1]] = entries.get(found[1], "") + found[0]
    return entries


def stamp() -> str:
    """Fingerprint of everything an installation depends on."""
    state = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml"):
        state.update(path.read_bytes())
    state.update(f"{ROOT} {answers([venv_program('python'), '-c', 'import sys; print(sys.version)'])}".encode())
    return state.hexdigest()


def pip(*arguments: str) -> None:
    """Run the environment's pip quietly; Failure with all it said when it fails."""
    command = [str(venv_program("python")), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    fetched = 0
    said: list[str] = []
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace") as child:
        assert child.stdout
        for line in child.stdout:
            said.append(line)
            if sys.stdout.isatty() and line.lstrip().startswith(("Downloading", "Using cached", "Installing")):
                fetched += 1
                print(f"\r  {fetched:3} {line.strip()[:68]:<68}", end="", flush=True)
    if fetched:
        print(f"\r{'':80}\r", end="", flush=True)
    if child.returncode:
        raise Failure(f"pip failed:\n{''.join(said[-40:])}")


def install_locked(entries: Mapping[str, str], *options: str) -> None:
    """Install entries of the lock, each checked against its hashes; only hexdump is built from source, it has no wheel."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder, "chosen.lock")
        chosen.write_text("".join(entries.values()), encoding="utf-8")
        pip(
            "install", "--require-hashes", "--only-binary", ":all:", "--no-binary", "hexdump",
            "--no-build-isolation", "--use-pep517", *options, "-r", str(chosen),
        )  # fmt: skip


def ignores_case() -> bool:
    """Whether file names in ``.venv`` are the same in upper and lower case."""
    return (VENV / "PYVENV.CFG").exists()


def install_second_reader(entry: str) -> None:
    """Install python-evtx where file names ignore case: its package Evtx would overwrite the package evtx, so it gets its own folder."""
    site = answers([venv_program("python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    if not site:
        raise Failure(f"{VENV} is broken; delete it and start again.")
    folder = Path(site, "second_reader")
    shutil.rmtree(folder, ignore_errors=True)
    install_locked({"python-evtx": entry}, "--no-deps", "--target", str(folder))
    Path(site, "second_reader.pth").write_text(f"{folder.name}\n", encoding="utf-8")


def create_environment() -> None:
    """Make ``.venv`` anew unless it holds a working, supported Python with pip (also one made by hand)."""
    probe = "import sys, pip; print(*sys.version_info[:2], sep='.')"
    version = answers([venv_program("python"), "-c", probe]) or ""
    if version and OLDEST <= tuple(int(part) for part in version.split(".")) <= NEWEST:
        return
    say(f"Creating {VENV.name} with Python {platform.python_version()}")
    if call([sys.executable, "-m", "venv", "--clear", VENV]):
        raise Failure(f"Python could not create {VENV}.")


def set_up() -> None:
    """Bring system and ``.venv`` to what the lock says; quick when they already are. Raises Failure."""
    prepare_system()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp():
        return
    create_environment()
    STAMP.unlink(missing_ok=True)
    entries = lock_entries(LOCK.read_text(encoding="utf-8"))
    say(f"Installing {len(entries)} locked packages into {VENV.name} (the first time fetches about 280 MB)")
    install_locked({"setuptools": entries["setuptools"]})
    if ignores_case():
        second_reader = entries.pop("python-evtx")
        install_locked(entries)
        install_second_reader(second_reader)
    else:
        install_locked(entries)
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(stamp(), encoding="utf-8")
    say(f"Ready: {venv_program('inspector').relative_to(ROOT)}")


# --- commands ----------------------------------------------------------------------------------------------------------


def inspector(*arguments: str | Path) -> int:
    """Run the program from the checkout."""
    return call([venv_program("python"), "-m", "inspector", *arguments])


def env(_: Sequence[str]) -> int:
    """Only set up: .venv with everything the lock names, and the program `inspector` in it."""
    set_up()
    require_libraries(screen=has_screen())
    say(f"{VENV.name} is up to date")
    return 0


def run(arguments: Sequence[str]) -> int:
    """Open the window with the bundled sample, or with the files named; without a screen report through the command line."""
    set_up()
    paths = list(arguments) or [str(SAMPLE)]
    if has_screen():
        require_libraries(screen=True)
        return inspector(*paths)
    say("No screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): the same through the command line.")
    REPORT.parent.mkdir(exist_ok=True)
    # exit code 1 says that there are findings, which is what a log is opened for
    found = inspector("findings", *paths)
    written = inspector("report", *paths, "-o", REPORT)
    if found > 1 or written > 1:
        return max(found, written)
    say(f"HTML report: {REPORT}")
    return 0


def test(arguments: Sequence[str]) -> int:
    """Lint, formatting, types, tests; --no-network: without any network; further arguments go to pytest."""
    set_up()
    seal: list[str | Path] = [venv_program("python"), *SEAL] if "--no-network" in arguments else []
    arguments = [one for one in arguments if one != "--no-network"]
    require_libraries(screen=False)
    python = venv_program("python")
    typed = ["inspector", "dev.py", *(folder for folder in ("packaging", "tests") if any((ROOT / folder).rglob("*.py")))]
    # on every core, unless the arguments say how many or want to see into one process
    spread = [] if any(one.startswith(("-n", "--pdb", "--trace", "-s", "--capture=no")) for one in arguments) else ["-n", "auto"]
    steps: list[tuple[str, list[str | Path]]] = [
        ("lint", [python, "-m", "ruff", "check"]),
        ("formatting", [python, "-m", "ruff", "format", "--check"]),
        ("types", [python, "-m", "mypy", *typed]),
        ("tests", [*seal, python, "-m", "pytest", *spread, *arguments]),
    ]
    failed = []
    for name, command in steps:
        say(f"--- {name}")
        if call(command):
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def lock(arguments: Sequence[str]) -> int:
    """Resolve the dependencies of pyproject.toml anew into the lock (add --upgrade for newer versions)."""
    set_up()
    return call(
        [
            venv_program("python"), "-m", "uv", "pip", "compile", "pyproject.toml", "--group", "dev", "--universal",
            "--python-version", f"{OLDEST[0]}.{OLDEST[1]}", "--fork-strategy", "fewest", "--generate-hashes",
            "--no-emit-index-url", "--no-emit-find-links", "--quiet", "--custom-compile-command", "python3 dev.py lock",
            "--output-file", LOCK.name, *arguments,
        ]
    )  # fmt: skip


def script(path: str, arguments: Sequence[str], *, screen: bool = False) -> int:
    """Set up and run one of the project's scripts; Failure when the checkout does not have it, or Qt (``screen``: its windows too) would not start."""
    if not (ROOT / path).exists():
        raise Failure(f"{path} is not in this checkout.")
    set_up()
    require_libraries(screen=screen)
    return call([venv_program("python"), path, *arguments], env={"PYTHONPATH": str(ROOT)})


def bench(arguments: Sequence[str]) -> int:
    """Measure speed and memory on built logs."""
    return script("tests/benchmarks/bench.py", arguments)


def screenshots(arguments: Sequence[str]) -> int:
    """Paint the pictures of README and docs from the running program."""
    return script("tests/gui/screenshots.py", arguments)


def fuzz(arguments: Sequence[str]) -> int:
    """Throw damaged and random input at every reader until interrupted or the time is up."""
    return script("tests/fuzz/fuzz.py", arguments)


def package(arguments: Sequence[str]) -> int:
    """Build the package for this platform and try it."""
    # what the window needs goes into the package, also where it is built without a screen
    missing = missing_libraries(screen=True)
    if missing:
        install_packages([library.apt for library in missing])
    return script("packaging/build.py", arguments, screen=True)


COMMANDS: tuple[Callable[[Sequence[str]], int], ...] = (env, run, test, bench, screenshots, fuzz, package, lock)


def usage() -> str:
    """The help text, out of the commands' own descriptions."""
    lines = [f"  {command.__name__:<12} {(command.__doc__ or '').splitlines()[0]}" for command in COMMANDS]
    return "\n".join(["usage: python3 dev.py COMMAND [ARGUMENTS]", "", *lines])


def other_python() -> str | None:
    """A supported Python elsewhere on the PATH, newest first, for when this one is not."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and answers([found, "-c", "print(1)"]):
            return found
    return None


def main(arguments: Sequence[str]) -> int:
    """Run one command; exit code 0 done, 1 failed, 2 not understood, 130 interrupted."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        other = other_python()
        if other:
            return call([other, __file__, *arguments])
        wanted = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        print(f"This needs Python {wanted}; here is {platform.python_version()}. Start dev.py with one of those.", file=sys.stderr)
        return 1
    name = arguments[0] if arguments else "--help"
    if name in {"-h", "--help", "help"}:
        say(usage())
        return 0
    chosen = next((command for command in COMMANDS if command.__name__ == name), None)
    if chosen is None:
        print(f"Unknown command {name!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    try:
        return chosen(arguments[1:])
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
