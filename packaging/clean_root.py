"""Installs the Debian package in a fresh minimal system without Python and tries it there: what it depends on must suffice.

``clean_root.py PACKAGE.deb [--root FOLDER]``, as root. Needs debootstrap, Xvfb and chroot; the folder is kept for the next time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import smoke_test
from linux_files import RECOMMENDS
from product import NAME

DESKTOP: Final = (*RECOMMENDS, "libfile-mimeinfo-perl", "libglib2.0-bin")
"""What a desktop has besides, for a double click: the databases of file kinds and the programs that look into them."""
SOURCES: Final = Path("/etc/apt/sources.list.d/debian.sources")
MOUNTS: Final = (("proc", "proc"), ("tmpfs", "dev/shm"))


@contextmanager
def mounted(root: Path) -> Iterator[None]:
    """The root with what a running system has: processes, shared memory, the door to this machine's screens."""
    done = []
    try:
        for kind, folder in MOUNTS:
            (root / folder).mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, str(root / folder)], check=True)
            done.append(root / folder)
        screens = Path("/tmp/.X11-unix")  # noqa: S108 - where X has its sockets
        screens.mkdir(mode=0o1777, exist_ok=True)
        (root / "tmp/.X11-unix").mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", str(screens), str(root / "tmp/.X11-unix")], check=True)
        done.append(root / "tmp/.X11-unix")
        yield
    finally:
        for place in reversed(done):
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def inside(root: Path, *command: str) -> None:
    """Run a command of the system in the root. Raises CalledProcessError, having shown what it said."""
    done = subprocess.run(
        ["chroot", str(root), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8", "HOME": "/root"},
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr, flush=True)
        done.check_returncode()


def make(root: Path, suite: str) -> None:
    """A minimal Debian in a folder, unless one is there."""
    if not (root / "usr/bin/apt-get").exists():
        print(f"       making a minimal {suite} in {root}", flush=True)
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(root)], check=True, stdout=subprocess.DEVNULL)
    shutil.copyfile("/etc/resolv.conf", root / "etc/resolv.conf")
    if SOURCES.exists() and f"Suites: {suite} " in SOURCES.read_text("utf-8"):
        # The security updates of this machine's own list.
        shutil.copyfile(SOURCES, root / "etc/apt/sources.list.d/debian.sources")
        (root / "etc/apt/sources.list").write_text("", "ascii")
    if any(root.glob("usr/bin/python3*")):
        raise smoke_test.Failed(f"{root} has a Python of its own: that proves nothing")


def install(root: Path, *packages: str) -> None:
    """Install packages with what they depend on and nothing else."""
    inside(root, "apt-get", "-q", "install", "-y", "--no-install-recommends", *packages)


def try_package(root: Path, package: Path) -> bool:
    """Install, try, remove; whether all held."""
    inside(root, "apt-get", "-q", "update")
    shutil.copyfile(package, root / "tmp" / package.name)
    with tempfile.TemporaryDirectory(prefix="home-", dir=root / "tmp") as made:
        home = Path(made)
        smoke_test.prepare_home(home)
        place = smoke_test.Place(NAME, f"{NAME}-window", home, root, smoke_test.can_isolate())
        programs = root / "opt" / NAME
        held = smoke_test.run_checks(
            {
                "installed with what it depends on": lambda: install(root, f"/tmp/{package.name}"),  # noqa: S108
                "contents": lambda: smoke_test.check_contents(programs),
                **smoke_test.program_checks(place),
                "a desktop's file kinds": lambda: install(root, *DESKTOP),
                "double click": lambda: smoke_test.check_double_click(place),
                "no Python came with it": lambda: no_python(root),
                "removed": lambda: removed(root),
            }
        )
    (root / "tmp" / package.name).unlink()
    return held


def no_python(root: Path) -> None:
    """Nothing that was installed brought a Python of the system's. Raises Failed."""
    if found := sorted(path.name for path in root.glob("usr/bin/python3*")):
        raise smoke_test.Failed(f"the system has {found} by now")


def removed(root: Path) -> None:
    """The package goes away without a trace. Raises Failed."""
    inside(root, "apt-get", "-q", "purge", "-y", NAME)
    left = [str(path) for pattern in (f"opt/{NAME}", f"usr/bin/{NAME}*", f"usr/share/**/{NAME}*") for path in root.glob(pattern)]
    if left:
        raise smoke_test.Failed(f"left behind: {left}")


def main(arguments: Sequence[str]) -> int:
    """Try a package; 1 when a check does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--root", type=Path, help="the folder of the minimal system; made where there is none, then kept")
    parser.add_argument("--suite", default="bookworm", help="the Debian release that is made")
    given = parser.parse_args(arguments)
    if os.geteuid() != 0:
        parser.error("making and entering a system of its own needs root")
    with tempfile.TemporaryDirectory(prefix="root-") as scratch:
        root = (given.root or Path(scratch, "root")).resolve()
        make(root, given.suite)
        with mounted(root):
            return 0 if try_package(root, given.package) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
