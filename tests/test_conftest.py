"""What every test runs under really fails a test when it should."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.golden_files import Golden

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    """A test folder of its own with this project's conftest and configuration."""
    shutil.copy(ROOT / "pyproject.toml", pytester.path)
    pytester.makeconftest("from tests.conftest import *\nfrom tests.conftest import _no_unexpected_log, _no_network, _own_settings")
    return pytester


def outcome(inner: pytest.Pytester, source: str, **expected: int) -> None:
    """Run a test file in a process of its own and compare how its tests ended."""
    inner.makepyfile(source)
    result = inner.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:pytester", f"--rootdir={inner.path}", str(inner.path))
    result.assert_outcomes(**expected)


def test_unexpected_warning_in_the_log_fails_a_test(inner: pytest.Pytester) -> None:
    outcome(
        inner,
        """
        import logging
        import pytest

        def test_warns():
            logging.getLogger("some.library").warning("odd input")

        @pytest.mark.expects_log("odd input")
        def test_warns_as_expected():
            logging.getLogger("some.library").warning("odd input")

        @pytest.mark.expects_log("other input")
        def test_warns_otherwise():
            logging.getLogger("some.library").error("odd input")

        def test_informs():
            logging.getLogger("some.library").info("input")
        """,
        passed=4,
        errors=2,
    )


def test_python_warning_fails_a_test(inner: pytest.Pytester) -> None:
    outcome(inner, "import warnings\ndef test_old():\n    warnings.warn('old')", failed=1)


def test_qt_warning_fails_a_test_during_and_after_it(inner: pytest.Pytester) -> None:
    outcome(
        inner,
        """
        import pytest
        from PySide6.QtCore import QTimer, qInfo, qWarning

        @pytest.fixture
        def untidy(qapp):
            yield
            qWarning("left behind")

        def test_warns(qapp):
            qWarning("odd widget")

        def test_warns_at_the_end(untidy):
            pass

        def test_informs(qapp):
            qInfo("all well")
        """,
        failed=1,
        passed=2,
        errors=1,
    )


def test_settings_of_one_test_are_not_those_of_the_next(inner: pytest.Pytester) -> None:
    both = "\n".join(
        f"def test_{name}(qapp):\n    s = QSettings('Somebody', 'something')\n    assert s.value('seen') is None\n    s.setValue('seen', 1)\n    s.sync()"
        for name in ("one", "two")
    )
    outcome(inner, f"from PySide6.QtCore import QSettings\n{both}", passed=2)


def test_settings_and_caches_lie_in_a_private_folder() -> None:
    home = Path(os.environ["HOME"])
    assert home.stat().st_mode & 0o077 == 0 or os.name == "nt"
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        assert home in Path(os.environ[name]).parents


def test_golden_file_is_compared_and_written_on_request(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="No golden file"):
        Golden(update=False, folder=tmp_path).check("deep/report.txt", "one\r\ntwo\n")
    Golden(update=True, folder=tmp_path).check("deep/report.txt", "one\r\ntwo\n")
    Golden(update=False, folder=tmp_path).check("deep/report.txt", "one\r\ntwo\n")
    with pytest.raises(AssertionError, match=r"-two\n\+three"):
        Golden(update=False, folder=tmp_path).check("deep/report.txt", "one\r\nthree\n")
    with pytest.raises(AssertionError, match="only line ends differ"):
        Golden(update=False, folder=tmp_path).check("deep/report.txt", "one\ntwo\n")


def test_complaint_of_qt_at_the_end_fails_a_test_unless_it_ignores_it(inner: pytest.Pytester) -> None:
    outcome(
        inner,
        """
        import pytest
        from PySide6.QtCore import qWarning

        @pytest.fixture
        def late():
            yield
            qWarning("too late")

        def test_complains(late):
            pass

        @pytest.mark.qt_log_ignore("too late")
        def test_complains_of_what_it_knows(late):
            pass

        @pytest.mark.qt_log_ignore("too early")
        def test_complains_of_something_else(late):
            pass
        """,
        passed=3,
        errors=2,
    )
