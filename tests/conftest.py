"""What every test runs under: no network, no screen, settings of its own, no unexpected warning in any log."""

from __future__ import annotations

import atexit
import gc
import logging
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis.configuration
import pytest

from tests.golden_files import Golden
from tests.offline import sitecustomize as network

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

ROOT = Path(__file__).resolve().parent.parent

# --- before anything of Qt or of the program is imported ----------------------------------------------------------------

PRIVATE = Path(tempfile.mkdtemp(prefix="inspector-tests-"))
"""Home of this test process: settings, caches, the list of attempts to use the network."""
atexit.register(shutil.rmtree, PRIVATE, ignore_errors=True)

ATTEMPTS = PRIVATE / "network-attempts"
SETTINGS = {name: PRIVATE / folder for name, folder in [
    ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_STATE_HOME", "state"), ("APPDATA", "config"), ("LOCALAPPDATA", "data"),
]}  # fmt: skip
RUNTIME = PRIVATE / "runtime"
RUNTIME.mkdir(mode=0o700)

os.environ.update({name: str(path) for name, path in SETTINGS.items()})
os.environ.update(
    {
        "HOME": str(PRIVATE),
        "USERPROFILE": str(PRIVATE),
        "XDG_CACHE_HOME": str(PRIVATE / "cache"),
        "XDG_RUNTIME_DIR": str(RUNTIME),
        # an odd zone, in a spelling that needs no zone files: code that falls back to this machine's zone shows itself
        "TZ": "NPT-5:45",
        network.ATTEMPTS: str(ATTEMPTS),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "offline"), str(ROOT)]),
    }
)
if hasattr(time, "tzset"):
    time.tzset()
# hundreds of processes are started: without it each would translate the whole program anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for theming in ("QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE", "QT_SCALE_FACTOR", "QT_LOGGING_RULES", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(theming, None)

hypothesis.configuration.set_hypothesis_home_dir(
    ROOT / ".hypothesis"
)  # what it gathers from the sources, at some cost, serves the next run
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("explore", max_examples=5000, deadline=None, database=None)
hypothesis.settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch for golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing with them")


# --- Qt objects die on the thread of the tests -----------------------------------------------------------------------------

gc.disable()  # the program does so too, and says why: inspector/gui/garbage.py
_MOST_GARBAGE = 200_000


def pytest_collection_finish() -> None:
    """What the tests are made of lives to the end: no collection need walk it again, hundreds of times over."""
    gc.freeze()
    atexit.register(gc.unfreeze)  # else native libraries complain at the end of what was never freed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Collect circular garbage between two tests, on the main thread, thoroughly after tests that had a window."""
    result = yield
    if "qapp" in getattr(item, "fixturenames", ()):
        gc.collect()
    elif gc.get_count()[0] > _MOST_GARBAGE:
        gc.collect(1)
    return result


def pytest_configure(config: pytest.Config) -> None:
    """Markers of our own."""
    config.addinivalue_line("markers", "expects_log(regex): warnings of the logging module that this test provokes")


# --- nothing goes by unseen ---------------------------------------------------------------------------------------------


class _Warnings(logging.Handler):
    """Keeps what is logged as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    expected = [str(pattern) for mark in request.node.iter_markers("expects_log") for pattern in mark.args]
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    unexpected = [line for line in handler.lines if not any(re.search(pattern, line) for pattern in expected)]
    if unexpected:
        pytest.fail("unexpected warnings in the log:\n" + "\n".join(unexpected), pytrace=False)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    yield
    attempts = network.attempts()
    if attempts:
        pytest.fail(f"the network was used:\n{attempts}", pytrace=False)


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    yield
    for folder in {*SETTINGS.values()}:
        if folder.exists():
            shutil.rmtree(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Qt's complaints while widgets are closed and destroyed, but for those a test ignores; those during the test are pytest-qt's."""
    if "PySide6.QtCore" not in sys.modules:
        return (yield)
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    complaints: list[str] = []
    ignored = [str(pattern) for mark in item.iter_markers("qt_log_ignore") for pattern in mark.args]

    def keep(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
        if kind not in {QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg} and not any(re.search(each, text) for each in ignored):
            complaints.append(text)

    previous = qInstallMessageHandler(keep)
    try:
        result = yield
    finally:
        qInstallMessageHandler(previous)
    if complaints and not item.get_closest_marker("no_qt_log"):
        pytest.fail("Qt complained after the test:\n" + "\n".join(complaints), pytrace=False)
    return result


# --- worker processes ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _workers_of_one_mould() -> Iterator[None]:
    """On Linux the workers of a test process are copies of one that has loaded the readers: that costs a tenth of a new interpreter.

    The program starts new interpreters (a copy would leave files behind when its owner is killed): what tests start as a program does so.
    """
    if sys.platform != "linux":
        yield
        return
    multiprocessing.set_forkserver_preload(["tests.worker_mould"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inspector.ingest.pool.WAY", "forkserver")
        yield


# --- what tests may ask for ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, its settings in files of this test process (not in the registry)."""
    from PySide6.QtCore import QSettings

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        QSettings.setPath(QSettings.Format.IniFormat, scope, str(SETTINGS["XDG_CONFIG_HOME"]))
    return qapp


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real logs beside the checkout, which is no part of the project; the test is skipped where it is not."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder of real logs beside the checkout")
    return folder


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> Golden:
    """The golden files."""
    return Golden(update=bool(pytestconfig.getoption("--update-golden")))
