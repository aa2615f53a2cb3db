"""The package keeps to its architecture, and each check of that is able to fail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests import architecture
from tests.architecture import Module

ROOT = Path(__file__).resolve().parent.parent
INSPECTOR = architecture.modules(ROOT / "inspector")
TABLE = architecture.import_table((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))

ENTRY = "cli"
"""The command line opens the window, when it is asked to."""

FACES = {"gui": "which only the command line starts, inside a function", "cli": "which nobody imports"}

FOUNDATIONS: Mapping[str, frozenset[str]] = {
    "formats": frozenset({"base", "text", "message_templates"}),
    "payloads": frozenset({"base", "artefacts", "json_layout", "namespaces", "secret_places", "secret_shapes", "traces"}),
    "tokens": frozenset({"base", "kind", "reading", "supplied", "verification", "verify"}),
    "diagnosis": frozenset(
        {
            *("base", "arithmetic", "contents", "conversations", "dictionary", "drafts", "escapes", "event_reader", "facts", "incidents"),
            *("limits", "linear_pattern", "marks", "pieces", "shapes", "signals", "structure", "untold", "verdict", "zones"),
        }
    ),
}
"""In the parts that are extended by one file and one line: what the extensions stand on. All else is an extension."""

DRIVERS: Mapping[str, str] = {"diagnosis": "engine"}
"""What puts a part's extensions to work, where that is a module of its own."""

NETWORK_EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("inspector.gui.single_instance", f"multiprocessing.connection.{name}"): "a Unix socket or a named pipe, by path"
    for name in ("Client", "Listener")
}
"""Importing module and imported module, with the reason why it reaches no other machine."""


def complain(complaints: list[str]) -> None:
    assert not complaints, "\n" + "\n".join(complaints)


# --- the program --------------------------------------------------------------------------------------------------------


def test_imports_follow_the_table_of_the_architecture() -> None:
    complain(architecture.against_table(INSPECTOR, TABLE, ENTRY, FACES))


def test_the_table_names_only_what_exists() -> None:
    assert set(TABLE) == {module.part for module in INSPECTOR.values()} - {"", "__main__"}


def test_no_circle_of_imports() -> None:
    complain(architecture.cycles(INSPECTOR))


@pytest.mark.parametrize("part", FOUNDATIONS)
def test_extensions_do_not_know_each_other(part: str) -> None:
    complain(architecture.siblings(INSPECTOR, part, FOUNDATIONS[part], DRIVERS.get(part, "")))


@pytest.mark.parametrize("part", FOUNDATIONS)
def test_every_extension_is_in_its_tuple_and_has_its_test(part: str) -> None:
    complain(architecture.unregistered(INSPECTOR, part, FOUNDATIONS[part] | {DRIVERS.get(part, "base")}, ROOT / "tests"))


def test_nothing_can_reach_another_machine() -> None:
    complain(architecture.reaches_out(INSPECTOR, NETWORK_EXCEPTIONS))


@pytest.mark.parametrize(
    "check",
    [architecture.qt_outside_gui, architecture.runs_data, architecture.prints, architecture.empty_names],
    ids=lambda check: check.__name__,
)
def test_no_module_does_what_none_may(check: Callable[[Mapping[str, Module]], list[str]]) -> None:
    complain(check(INSPECTOR))


def test_every_file_says_what_it_is_responsible_for() -> None:
    folders = [ROOT / name for name in ("inspector", "packaging", "tests")]
    complain(architecture.without_docstring([ROOT / "dev.py", *(path for folder in folders for path in sorted(folder.rglob("*.py")))]))


def test_the_core_and_the_command_line_load_no_qt() -> None:
    core = [name for name, module in INSPECTOR.items() if module.part not in {"gui", "__main__"}]
    assert "inspector.cli" in core
    code = f"import importlib, sys\nfor name in {core!r}: importlib.import_module(name)\nprint([name for name in sys.modules if 'PySide6' in name or 'shiboken' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "[]\n")


# --- the checks ---------------------------------------------------------------------------------------------------------


def made_up(folder: Path, files: Mapping[str, str]) -> dict[str, Module]:
    """A package ``app`` of the given files; packages get an empty ``__init__`` where none is given."""
    for name, source in files.items():
        path = folder / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in (path.parent, *path.parent.parents):
            if parent == folder:
                break
            (parent / "__init__.py").touch()
        path.write_text(source, encoding="utf-8")
    return architecture.modules(folder / "app")


MADE_UP_TABLE = """
| module | may import, of ours |
|---|---|
| `events`, `job` | nothing |
| `tokens` | leaves |
| `formats` | leaves, `tokens` |
| `store` | leaves |
| `session` | all above |
| `cli`, `gui` | `session` and the types of the core |
"""

ALLOWED = {
    "events.py": "import datetime",
    "job.py": "from app import events",
    "tokens/base.py": "from app.events import Level",
    "formats/base.py": "from app.tokens.base import Span",
    "formats/__init__.py": "from app.formats.evtx import EVTX\nFORMATS = (EVTX,)",
    "formats/evtx.py": "from app.formats.base import Format\nEVTX = 1",
    "store.py": "import app.events",
    "session.py": "from app import store, formats\nfrom .tokens import base",
    "gui/app.py": "from app.session import Session\nfrom app.formats import FORMATS\nfrom app.tokens.base import Span\nfrom app import job",
    "cli.py": "from app.session import Session\ndef main() -> None:\n    from app.gui.app import run",
    "__main__.py": "from app.cli import main",
}


def test_table_is_read_from_the_document() -> None:
    table = architecture.import_table(MADE_UP_TABLE)
    assert list(table) == ["events", "job", "tokens", "formats", "store", "session", "cli", "gui"]
    assert table["formats"] == {"leaves", "tokens"}
    assert table["gui"] == {"session", "types"}
    assert architecture.leaves(table) == {"events", "job"}


def test_imports_that_the_table_has_are_fine(tmp_path: Path) -> None:
    package = made_up(tmp_path, ALLOWED)
    assert architecture.against_table(package, architecture.import_table(MADE_UP_TABLE), ENTRY, FACES) == []
    assert architecture.cycles(package) == []


@pytest.mark.parametrize(
    ("file", "source", "complaint"),
    [
        ("events.py", "from app.tokens import base", "app.events:1: imports app.tokens.base, which the import table does not have"),
        ("events.py", "def late():\n    import app.store", "app.events:2: imports app.store, which the import table does not have"),
        ("tokens/base.py", "from ..formats.base import Format", "app.tokens.base:1: imports app.formats.base, which"),
        ("tokens/base.py", "from .. import store", "app.tokens.base:1: imports app.store, which"),
        ("tokens/base.py", "import importlib\nimportlib.import_module('app.session')", "app.tokens.base:2: imports app.session, which"),
        ("tokens/base.py", "if TYPE_CHECKING:\n    from app.store import Rows", "app.tokens.base:2: imports app.store, which"),
        ("formats/evtx.py", "from app.store import Store", "app.formats.evtx:1: imports app.store, which"),
        ("store.py", "from app.session import Session", "app.store:1: imports app.session, which"),
        ("gui/app.py", "from app.store import Store", "app.gui.app:1: imports app.store, which"),
        ("gui/app.py", "from app.formats.evtx import EVTX", "app.gui.app:1: imports app.formats.evtx, which"),
        (
            "session.py",
            "def late():\n    from app.gui.app import run",
            "app.session:2: imports app.gui.app, which only the command line starts",
        ),
        ("cli.py", "from app.gui.app import run", "app.cli:1: imports app.gui.app, which only the command line starts"),
        ("gui/app.py", "from app import cli", "app.gui.app:1: imports app.cli, which nobody imports"),
        ("report.py", "", "app.report: not in the import table of ARCHITECTURE.md"),
    ],
)
def test_imports_that_the_table_does_not_have_are_found(tmp_path: Path, file: str, source: str, complaint: str) -> None:
    package = made_up(tmp_path, {**ALLOWED, file: source})
    found = architecture.against_table(package, architecture.import_table(MADE_UP_TABLE), ENTRY, FACES)
    assert len(found) == 1
    assert found[0].startswith(complaint)


def test_circles_are_found_unless_one_import_waits(tmp_path: Path) -> None:
    files = {"a.py": "from app import b", "b.py": "import app.c", "c.py": "from app.a import x"}
    assert architecture.cycles(made_up(tmp_path, files)) == ["app.a -> app.b -> app.c -> app.a"]
    assert architecture.cycles(made_up(tmp_path, {**files, "c.py": "def late():\n    from app.a import x"})) == []
    assert architecture.cycles(made_up(tmp_path, {**files, "c.py": "if TYPE_CHECKING:\n    from app.a import x"})) == []


FORMATS = {
    "formats/__init__.py": "from app.formats import lines\nfrom app.formats.evtx import Evtx\nFORMATS: Final[tuple[Format, ...]] = (Evtx(), lines.LINES)",
    "formats/base.py": "",
    "formats/text/blocks.py": "from app.formats.base import Format",
    "formats/evtx.py": "from app.formats.base import Format\nclass Evtx: ...",
    "formats/lines.py": "from app.formats.text.blocks import cut\nLINES = 1",
}
STAND_ON = {"base", "text"}


@pytest.mark.parametrize(
    ("file", "source", "complaints"),
    [
        ("formats/lines.py", "from .evtx import Evtx", ["app.formats.lines:1: imports its sibling app.formats.evtx"]),
        (
            "formats/lines.py",
            "def late():\n    from app.formats import evtx",
            ["app.formats.lines:2: imports its sibling app.formats.evtx"],
        ),
        ("formats/lines.py", "from app.formats import FORMATS", ["app.formats.lines:1: imports its sibling app.formats"]),
        ("formats/text/blocks.py", "import app.formats.lines", ["app.formats.text.blocks:1: imports its sibling app.formats.lines"]),
        ("formats/text/more.py", "from app.formats.text import blocks", []),
    ],
)
def test_siblings_are_found(tmp_path: Path, file: str, source: str, complaints: list[str]) -> None:
    assert architecture.siblings(made_up(tmp_path, FORMATS), "formats", STAND_ON) == []
    assert architecture.siblings(made_up(tmp_path, {**FORMATS, file: source}), "formats", STAND_ON) == complaints


def test_driver_may_import_its_extensions_and_none_imports_it(tmp_path: Path) -> None:
    driven = {**FORMATS, "formats/engine.py": "from app.formats import FORMATS\nfrom app.formats.evtx import Evtx"}
    assert len(architecture.siblings(made_up(tmp_path, driven), "formats", STAND_ON)) == 2
    assert architecture.siblings(made_up(tmp_path, driven), "formats", STAND_ON, "engine") == []
    back = {**driven, "formats/lines.py": "from app.formats.engine import run"}
    assert architecture.siblings(made_up(tmp_path, back), "formats", STAND_ON, "engine") == [
        "app.formats.lines:1: imports its sibling app.formats.engine"
    ]


def test_extensions_without_tuple_or_test_are_found(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    (tests / "formats").mkdir(parents=True)
    (tests / "formats" / "test_lines_folding.py").touch()
    (tests / "formats" / "test_evtx.py").touch()
    package = made_up(tmp_path, FORMATS)
    assert architecture.unregistered(package, "formats", STAND_ON, tests) == []
    assert architecture.unregistered(package, "formats", {*STAND_ON, "gone"}, tests) == [
        "app.formats.gone: named as a foundation, but there is no such module"
    ]
    assert architecture.unregistered(package, "formats", {*STAND_ON, "lines"}, tests) == [
        "app.formats.lines: both in a tuple and a foundation"
    ]
    (tests / "formats" / "test_evtx.py").unlink()
    assert architecture.unregistered(package, "formats", STAND_ON, tests) == [
        "app.formats.evtx: no test in tests/formats is named after it, imports it or names it"
    ]
    for source in ("from app.formats.evtx import Evtx", "from app.formats import evtx", "import app.formats.evtx", "SAMPLES = {'evtx': 1}"):
        (tests / "formats" / "test_all.py").write_text(source, encoding="utf-8")
        assert architecture.unregistered(package, "formats", STAND_ON, tests) == []
    package = made_up(tmp_path, {**FORMATS, "formats/uls.py": "ULS = 1"})
    assert architecture.unregistered(package, "formats", STAND_ON, tests) == ["app.formats.uls: not in a tuple of formats/__init__.py"]


@pytest.mark.parametrize(
    "source",
    [
        "import socket",
        "import http.client",
        "from urllib import request",
        "from urllib.request import urlopen",
        "def late():\n    import requests",
        "from PySide6 import QtNetwork",
        "from PySide6.QtNetwork import QLocalServer",
        "import importlib\nimportlib.import_module('ssl')",
        "from multiprocessing.connection import Connection, Listener",
    ],
)
def test_ways_to_another_machine_are_found(tmp_path: Path, source: str) -> None:
    (found,) = architecture.reaches_out(made_up(tmp_path, {"gui/start.py": source}), {})
    assert found.startswith("app.gui.start:")
    assert found.endswith("which can reach another machine")


def test_taking_an_address_apart_is_no_way_to_another_machine(tmp_path: Path) -> None:
    assert (
        architecture.reaches_out(
            made_up(
                tmp_path,
                {"a.py": "from urllib.parse import urlsplit\nfrom PySide6 import QtGui\nfrom multiprocessing.connection import wait"},
            ),
            {},
        )
        == []
    )


def test_exceptions_hold_for_one_module_and_must_be_needed(tmp_path: Path) -> None:
    package = made_up(tmp_path, {"gui/start.py": "import socket", "session.py": "import socket"})
    assert architecture.reaches_out(package, {("app.gui.start", "socket"): "local"}) == [
        "app.session:1: imports socket, which can reach another machine"
    ]
    assert len(architecture.reaches_out(package, {("app.gui.start", "ssl"): "none"})) == 3


@pytest.mark.parametrize(
    ("check", "file", "source"),
    [
        (architecture.qt_outside_gui, "session.py", "from PySide6.QtCore import QObject"),
        (architecture.qt_outside_gui, "cli.py", "def late():\n    import PySide6"),
        (architecture.runs_data, "a.py", "eval('1')"),
        (architecture.runs_data, "a.py", "exec(text)"),
        (architecture.runs_data, "a.py", "import pickle"),
        (architecture.runs_data, "a.py", "from marshal import loads"),
        (architecture.runs_data, "a.py", "numpy.load(path, allow_pickle=True)"),
        (architecture.prints, "a.py", "def show():\n    print(1)"),
        (architecture.empty_names, "xml_utils.py", ""),
        (architecture.empty_names, "helpers/x.py", ""),
        (architecture.empty_names, "window_manager.py", ""),
    ],
)
def test_what_no_module_may_do_is_found(tmp_path: Path, check: Callable[[Mapping[str, Module]], list[str]], file: str, source: str) -> None:
    harmless = {
        "b.py": "import re\nre.compile('x')\nnumpy.load(path, allow_pickle=False)",
        "gui/app.py": "from PySide6.QtCore import QObject",
    }
    assert check(made_up(tmp_path, harmless)) == []
    assert len(check(made_up(tmp_path, {**harmless, file: source}))) == 1


@pytest.mark.parametrize("source", ["", "import re", '"""Reading."""', "# Reading of logs"])
def test_files_that_do_not_say_what_they_are_responsible_for_are_found(tmp_path: Path, source: str) -> None:
    path = tmp_path / "reading.py"
    path.write_text(source, encoding="utf-8")
    assert len(architecture.without_docstring([path])) == 1
    path.write_text(f'"""Reading of logs."""\n{source}', encoding="utf-8")
    assert architecture.without_docstring([path]) == []
