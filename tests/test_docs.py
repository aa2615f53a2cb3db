"""Every command that the documentation shows is run, on the bundled samples, and every link in it leads somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:inspector|resources|tests|packaging|docs)/[\w./*-]+)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in BLOCK.finditer(page.read_text("utf-8")) if match[1] in {"sh", "python"}]


WITH_BLOCKS = [page for page in PAGES if page.parent.name == "docs" and blocks(page)]


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with logs in it and an ``inspector`` on its path, for which findings are no failure of the example."""
    shutil.copytree(ROOT / "resources" / "samples", tmp_path / "logs")
    programs = tmp_path / "bin"
    programs.mkdir()
    shim = programs / "inspector"
    shim.write_text(f'#!/bin/sh\n"{sys.executable}" -m inspector "$@"\ncode=$?\n[ $code -eq 1 ] && exit 0\nexit $code\n')
    shim.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="the pages show a shell of POSIX")
@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: page.name)
def test_examples_run(page: Path, workshop: Path) -> None:
    paths = os.pathsep.join([os.environ["PYTHONPATH"], str(ROOT)]) if os.environ.get("PYTHONPATH") else str(ROOT)
    environment = {**os.environ, "PATH": f"{workshop / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": paths}
    for language, text in blocks(page):
        command = ["sh", "-eu", "-c", text] if language == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(command, cwd=workshop, env=environment, capture_output=True, text=True, check=False, timeout=240)
        assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith(("http://", "https://", "#", "mailto:")):
            continue
        assert (page.parent / target.split("#")[0]).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_are_there(page: Path) -> None:
    for name in FILE.findall(page.read_text("utf-8")):
        assert "NAME" in name or any(ROOT.glob(name.rstrip("/"))), f"{page.name}: {name}"


def test_there_are_examples() -> None:
    assert WITH_BLOCKS
