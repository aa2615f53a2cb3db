"""Tests that what is measured is what is meant: built logs are read whole, and every query finds what it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.job import Job
from inspector.query import parse
from inspector.session import Options, Session
from tests.benchmarks import bench, data, diagnosis


@pytest.mark.parametrize(("records", "format_name"), [(data.event_viewer_records, "event-viewer-text"), (data.line_log_records, "log4net")])
def test_a_built_text_log_is_read_whole(tmp_path: Path, records: Callable[[int], Iterator[str]], format_name: str) -> None:
    path = data.write_rows(tmp_path / "built.log", records, 300)
    with Session(Options(workers=1)) as session:
        (source,) = session.open([path], Job())
        assert (source.format, source.events, source.problems) == (format_name, 300, ())


def test_built_event_logs_are_read_whole(tmp_path: Path) -> None:
    folder = data.small_evtx(tmp_path / "small", 3)
    with Session(Options(workers=1)) as session:
        sources = session.open([folder], Job())
        assert [(source.format, source.events, source.problems) for source in sources] == [
            ("evtx", 20, ()),
            ("evtx", 21, ()),
            ("evtx", 22, ()),
        ]


def test_the_filled_store_answers_the_measured_queries(tmp_path: Path) -> None:
    store = data.filled_store(tmp_path, 2_000)
    try:
        assert len(store) == 2_000
        assert len(store.matching(parse("needle").condition, Job())) == 2
        assert len(store.matching(parse(r"/needle\d+ in step/").condition, Job())) == 2
    finally:
        store.close()
    found = bench.measure_queries(["2000"])
    assert set(found) == set(bench.QUERY_LIMITS)
    assert all(time > 0 for time in found.values())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processor time of the readers is in /proc")
def test_what_is_diagnosed_is_what_is_meant(tmp_path: Path) -> None:
    shapes = {"mixed": (10, 1), "expirations": (10, 1), "tokens": (10, 0), "large": (1, 1)}
    built = {name: diagnosis.build(tmp_path, name, 10) for name in shapes}
    with Session(Options(workers=1)) as session:
        for path in built.values():
            session.open([path], Job())
        assert [source.events for source in session.sources] == [events for events, _ in shapes.values()]
        assert {finding.count for finding in session.diagnose(Job()).findings} == {10, 2}
    measured = diagnosis.measure(built["mixed"])
    assert (measured.rows, measured.findings) == shapes["mixed"]
    assert 0 < measured.first <= measured.wall
    assert measured.unheard > 0
