"""The one door: what it decides, what it says, and that the lock holds what the project asks for."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import dev

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout that dev.py believes to be its own."""
    for name, path in {
        "ROOT": ".",
        "VENV": ".venv",
        "LOCK": "requirements.lock",
        "STAMP": ".venv/stamp",
        "SAMPLE": "refused.txt",
        "REPORT": "build/r.html",
    }.items():
        monkeypatch.setattr(dev, name, tmp_path / path)
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Programs that dev.py would have started, none of which is; set-up is taken as done."""
    seen: list[list[str]] = []

    def call(command: Sequence[str | Path], env: object = None) -> int:
        seen.append([str(part) for part in command])
        return 0

    monkeypatch.setattr(dev, "call", call)
    monkeypatch.setattr(dev, "set_up", lambda: None)
    monkeypatch.setattr(dev, "loads", lambda _: True)
    return seen


# --- the file itself ----------------------------------------------------------------------------------------------------


def test_standard_library_only() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_an_older_python_reads_far_enough_to_say_what_it_needs() -> None:
    ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("version", [(3, 10, 2), (3, 15, 0)])
def test_unsupported_python_is_named(version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(dev, "other_python", lambda: None)
    assert dev.main(["env"]) == 1
    assert "This needs Python 3.11 to 3.14" in capsys.readouterr().err


def test_unsupported_python_hands_over_to_a_supported_one(monkeypatch: pytest.MonkeyPatch, calls: list[list[str]]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    monkeypatch.setattr(dev, "other_python", lambda: "/usr/bin/python3.12")
    assert dev.main(["test", "-x"]) == 0
    assert calls == [["/usr/bin/python3.12", dev.__file__, "test", "-x"]]


def test_continuous_integration_goes_through_the_same_door() -> None:
    assert "python3 dev.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert os.name == "nt" or os.access(ROOT / ".ci" / "run", os.X_OK)


# --- commands -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(arguments) == 0
    shown = capsys.readouterr().out
    for name in ("env", "run", "test", "bench", "screenshots", "fuzz", "package", "lock"):
        assert re.search(rf"^  {name} +[A-Z]", shown, re.MULTILINE)


def test_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["tset"]) == 2
    assert "Unknown command 'tset'." in capsys.readouterr().err


def test_interruption_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "set_up", interrupted)
    assert dev.main(["run"]) == 130
    assert capsys.readouterr().err.strip() == "Interrupted."


def test_run_opens_the_sample_in_a_window(checkout: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "has_screen", lambda: True)
    assert dev.main(["run"]) == 0
    assert [call[1:] for call in calls] == [["-m", "inspector", str(checkout / "refused.txt")]]


def test_run_opens_the_files_named_instead(checkout: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "has_screen", lambda: True)
    assert dev.main(["run", "mine.evtx"]) == 0
    assert [call[1:] for call in calls] == [["-m", "inspector", "mine.evtx"]]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always a screen")
def test_run_without_a_screen_reports_through_the_command_line(
    checkout: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    sample, report = str(checkout / "refused.txt"), str(checkout / "build" / "r.html")
    assert dev.main(["run"]) == 0
    assert [call[2:] for call in calls] == [["inspector", "findings", sample], ["inspector", "report", sample, "-o", report]]
    shown = capsys.readouterr().out
    assert "No screen" in shown
    assert report in shown


@pytest.mark.parametrize(("codes", "expected"), [((1, 1), 0), ((0, 0), 0), ((3, 1), 3), ((1, 2), 2)])
def test_run_fails_when_the_report_does_and_not_for_findings(
    checkout: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, codes: tuple[int, int], expected: int
) -> None:
    answers = iter(codes)
    monkeypatch.setattr(dev, "has_screen", lambda: False)
    monkeypatch.setattr(dev, "inspector", lambda *_: next(answers))
    assert dev.main(["run"]) == expected


@pytest.mark.usefixtures("checkout", "calls")
def test_test_runs_every_step_and_fails_for_any(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    steps: list[str] = []

    def call(command: Sequence[str | Path]) -> int:
        steps.append(" ".join(str(part) for part in command[2:]))
        return 1 if command[2] == "mypy" else 0

    monkeypatch.setattr(dev, "call", call)
    assert dev.main(["test", "-k", "evtx"]) == 1
    assert [step.split()[0] for step in steps] == ["ruff", "ruff", "mypy", "pytest"]
    assert steps[-1] == "pytest -n auto -k evtx"
    dev.main(["test", "--pdb"])
    assert steps[-1] == "pytest --pdb"
    assert "Failed: types" in capsys.readouterr().err


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("name", ["bench", "screenshots", "fuzz", "package"])
def test_script_that_the_checkout_lacks_is_named(name: str, calls: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([name]) == 1
    assert re.search(r"^\S+/\w+\.py is not in this checkout\.$", capsys.readouterr().err)
    assert calls == []


@pytest.mark.parametrize(("name", "path"), [("bench", "tests/benchmarks/bench.py"), ("package", "packaging/build.py")])
def test_script_is_given_the_arguments(name: str, path: str, checkout: Path, calls: list[list[str]]) -> None:
    (checkout / path).parent.mkdir(parents=True)
    (checkout / path).touch()
    assert dev.main([name, "--rows", "9"]) == 0
    assert [call[1:] for call in calls] == [[path, "--rows", "9"]]


def test_the_sample_is_there() -> None:
    assert dev.SAMPLE.is_file()


def test_child_program_gives_its_exit_code() -> None:
    assert dev.call([sys.executable, "-c", "raise SystemExit(3)"]) == 3


# --- what the system has to bring ---------------------------------------------------------------------------------------


linux = pytest.mark.skipif(sys.platform != "linux", reason="the wheels bring all that Qt needs")


@linux
def test_libraries_are_looked_for_where_the_loader_does() -> None:
    assert dev.loads("libc.so.6")
    assert not dev.loads("libnowhere.so.1")


@linux
@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("apt", "sudo apt-get install -y --no-install-recommends libegl1 libgl1"),
        ("dnf", "sudo dnf install -y libglvnd-egl libglvnd-glx"),
        ("pacman", "sudo pacman -S --needed libglvnd"),
    ],
)
def test_missing_library_without_rights_names_the_command(
    tool: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "set_up", lambda: None)
    monkeypatch.setattr(dev, "loads", lambda file: file not in {"libEGL.so.1", "libGL.so.1"})
    monkeypatch.setattr(dev, "installer", lambda: tool)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert dev.main(["env"]) == 1
    assert capsys.readouterr().err == (
        f"Qt needs these shared libraries, which this system lacks: libEGL.so.1, libGL.so.1\nInstall them as root with:\n  {command}\n"
    )


@linux
def test_missing_venv_module_without_rights_names_the_command(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(dev, "loads", lambda _: True)
    monkeypatch.setattr(dev, "installer", lambda: "apt")
    monkeypatch.setattr(dev, "rights", lambda: None)
    assert dev.main(["env"]) == 1
    wanted = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"apt-get install -y --no-install-recommends {wanted}" in capsys.readouterr().err
    assert not (checkout / ".venv").exists()


@linux
def test_old_glibc_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.31"))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert dev.main(["env"]) == 1
    assert "needs glibc 2.34 or newer; this system has glibc 2.31" in capsys.readouterr().err


def test_fingerprint_follows_the_lock_and_the_project(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "answers", lambda _: "3.11")
    for name in ("requirements.lock", "pyproject.toml"):
        (checkout / name).write_text("one", encoding="utf-8")
    before = dev.stamp()
    assert dev.stamp() == before
    for name in ("requirements.lock", "pyproject.toml"):
        (checkout / name).write_text("two", encoding="utf-8")
        assert dev.stamp() != before
        (checkout / name).write_text("one", encoding="utf-8")
    monkeypatch.setattr(dev, "answers", lambda _: "3.12")
    assert dev.stamp() != before


# --- the lock -----------------------------------------------------------------------------------------------------------


def requirements(text: str) -> list[Requirement]:
    return [Requirement(line.split("\\")[0]) for line in text.splitlines() if re.match(r"\w", line)]


def test_entries_of_one_package_stay_together() -> None:
    entries = dev.lock_entries(
        "# made by\na-b==1 \\\n    --hash=sha256:00\n    # via c\nc==2 ; x == 'y' \\\n    --hash=sha256:01\nc==3 \\\n    --hash=sha256:02\n"
    )
    assert entries == {
        "a-b": "a-b==1 \\\n    --hash=sha256:00\n    # via c\n",
        "c": "c==2 ; x == 'y' \\\n    --hash=sha256:01\nc==3 \\\n    --hash=sha256:02\n",
    }


def test_every_locked_version_has_hashes_and_no_place() -> None:
    for name, entry in dev.lock_entries(LOCK).items():
        for one in re.split(rf"^(?={re.escape(name)}==)", entry, flags=re.MULTILINE)[1:]:
            assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", one), one
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|--trusted-host", LOCK)


def test_the_lock_holds_all_that_the_project_asks_for() -> None:
    locked = requirements(LOCK)
    for text in [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"], *PROJECT["build-system"]["requires"]]:
        wanted = Requirement(text)
        found = [one for one in locked if canonicalize_name(one.name) == canonicalize_name(wanted.name)]
        versions = [next(iter(one.specifier)).version for one in found]
        assert any(wanted.specifier.contains(version) for version in versions), text


PLATFORMS = [("linux", "x86_64"), ("linux", "aarch64"), ("win32", "AMD64"), ("win32", "ARM64"), ("darwin", "x86_64"), ("darwin", "arm64")]


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(("system", "machine"), PLATFORMS)
def test_the_lock_gives_each_platform_one_version_and_a_reader(system: str, machine: str, version: str) -> None:
    where = {
        "sys_platform": system,
        "platform_machine": machine,
        "python_version": version,
        "python_full_version": f"{version}.0",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    names = [one.name for one in requirements(LOCK) if one.marker is None or one.marker.evaluate(where)]
    assert len(names) == len(set(names))
    assert {"cryptography", "lxml", "polars", "pyside6-essentials", "python-evtx"} <= set(names)
    assert ("evtx" in names) == ((system, machine) != ("win32", "ARM64"))


def test_this_environment_is_the_locked_one() -> None:
    installed: dict[str, str] = {canonicalize_name(one.name): one.version for one in importlib.metadata.distributions()}
    locked = {one.name: next(iter(one.specifier)).version for one in requirements(LOCK) if one.marker is None or one.marker.evaluate()}
    assert {name: installed.get(name) for name in locked} == locked
