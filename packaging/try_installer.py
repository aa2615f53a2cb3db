"""Installs the built Windows installer for this user, tries what it installed, and removes it again (Windows only)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import smoke_test
from product import CONSOLE, DIST, FILE_KINDS, NAME, WINDOW, version

QUIET = ("/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART", "/CURRENTUSER")


def registered(key: str, name: str = "") -> bool:
    """Whether a value is in this user's part of the registry."""
    asked = ["reg", "query", rf"HKCU\{key}", *(["/v", name] if name else [])]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def check_offers(*, expected: bool) -> None:
    """Every file kind is offered to, none is seized; nothing of it after removal. Raises Failed."""
    for kind in FILE_KINDS:
        if registered(rf"Software\Classes\.{kind.extension}\OpenWithProgids", kind.prog_id) != expected:
            raise smoke_test.Failed(f".{kind.extension} is {'not offered' if expected else 'still offered'}")
        if registered(rf"Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\.{kind.extension}\UserChoice"):
            raise smoke_test.Failed(f".{kind.extension} was seized")


def main() -> int:
    """Install, try, remove; 1 when something does not hold."""
    with tempfile.TemporaryDirectory(prefix="inspector-smoke-") as made:
        home = Path(made, "home").resolve()
        smoke_test.prepare_home(home)
        target = Path(made, "Program with spaces").resolve()
        subprocess.run([str(DIST / f"{NAME}-{version()}-setup.exe"), *QUIET, f"/DIR={target}"], check=True)
        place = smoke_test.Place(str(target / f"{CONSOLE}.exe"), str(target / f"{WINDOW}.exe"), home)
        held = smoke_test.run_checks(
            {
                "file kinds are offered": lambda: check_offers(expected=True),
                "contents": lambda: smoke_test.check_contents(target),
                **smoke_test.program_checks(place),
            }
        )
        # The uninstaller goes on in a copy of itself; waiting for it means asking it to stay in front.
        subprocess.run([str(target / "unins000.exe"), *QUIET[:3]], check=True)
        return 0 if held and smoke_test.run_checks({"removed": lambda: check_offers(expected=False)}) else 1


if __name__ == "__main__":
    sys.exit(main())
