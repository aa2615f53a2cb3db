"""Every command that the documentation shows is run, on the bundled samples, and every link in it leads somewhere."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.cli import main

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:inspector|resources|tests|packaging|docs)/[\w./*-]+)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in BLOCK.finditer(page.read_text("utf-8")) if match[1] in {"sh", "python"}]


WITH_BLOCKS = [page for page in PAGES if page.parent.name == "docs" and blocks(page)]


SHIM = """#!/bin/sh
call="$CALLS/$(ls "$CALLS" | wc -l)"
mkdir "$call"
printf '%s\\0' "$@" > "$call/arguments"
case " $* " in *" - "*) cat > "$call/input";; esac
"""
"""Stands for ``inspector`` in the shell and writes down what it was asked: the test runs that in its own process, which is many times faster."""
USES_OUTPUT = re.compile(r"^[^#\n]*\binspector\b[^\n]*[|>](?![^'\n]*')", re.MULTILINE)


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with logs in it, to work in, and an ``inspector`` on the path."""
    shutil.copytree(ROOT / "resources" / "samples", tmp_path / "logs")
    programs = tmp_path / "bin"
    programs.mkdir()
    shim = programs / "inspector"
    shim.write_text(SHIM)
    shim.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def run_in_shell(text: str, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a block of shell, then what it asked of the inspector; findings are no failure of the example."""
    assert not USES_OUTPUT.search(text), "the shim says nothing: run such a block with the program itself"
    calls.mkdir()
    monkeypatch.setenv("CALLS", str(calls))
    subprocess.run(["sh", "-eu", "-c", text], check=True, timeout=60)
    asked = sorted(calls.iterdir(), key=lambda call: int(call.name))
    assert len(asked) == len(re.findall(r"^(?:[^#\n]*\| )?inspector ", text, re.MULTILINE))
    for call in asked:
        given = io.BytesIO((call / "input").read_bytes() if (call / "input").exists() else b"")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(given))
        arguments = (call / "arguments").read_text("utf-8").split("\0")[:-1]
        assert main(arguments) in {0, 1}, arguments


@pytest.mark.skipif(sys.platform == "win32", reason="the pages show a shell of POSIX")
@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: page.name)
def test_examples_run(page: Path, workshop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for number, (language, text) in enumerate(blocks(page)):
        if language == "sh":
            run_in_shell(text, workshop / f"calls-{number}", monkeypatch)
        else:
            exec(compile(text, f"{page.name}, block {number}", "exec"), {"__name__": "__main__"})
        said = capfd.readouterr()
        assert said.out or "-o" in text or language == "python", text
        assert "Traceback" not in said.err, said.err


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
