"""Tests of the session: the use cases from files to pages, details, counts, zones and removal."""

from __future__ import annotations

import gzip
import hashlib
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from inspector.diagnosis.base import Diagnosis
from inspector.events import Level, Zone, ZoneBasis
from inspector.job import Cancelled, Job
from inspector.query import QueryError
from inspector.resources import resource_path
from inspector.session import Options, Session

WSE = (
    "Event Type:\tError\nEvent Source:\tMicrosoft WSE 2.0\nEvent Category:\tNone\nEvent ID:\t0\nDate:\t\t3/14/2026\nTime:\t\t{time}\n"
    "User:\t\tN/A\nComputer:\tWEB0{number}\nDescription:\nMessage Dispatch Failure: "
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" '
    'xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><soap:Header><wsse:Security>'
    "<wsu:Timestamp><wsu:Created>2026-03-14T09:21:49Z</wsu:Created><wsu:Expires>2026-03-14T09:26:49Z</wsu:Expires></wsu:Timestamp>"
    "</wsse:Security></soap:Header><soap:Body><soap:Fault><faultcode>wsse:FailedAuthentication</faultcode>"
    "<faultstring>The security token could not be authenticated or authorized</faultstring></soap:Fault></soap:Body></soap:Envelope>\n"
    "System.Web.Services.Protocols.SoapHeaderException: refused\n   at Shop.Tokens.Check(String name)\n   at Shop.Pipeline.Run()\n\n"
)
LINES = "".join(
    f"2026-03-14 08:00:{second:02d},000 [{second % 3}] {'ERROR' if second % 4 == 0 else 'INFO '} Shop.Orders - order {second} of alice\n"
    for second in range(40)
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Session]]:
    """Sessions that are closed at the end."""
    made: list[Session] = []

    def start() -> Session:
        made.append(Session(Options(workers=1)))
        return made[-1]

    yield start
    for session in made:
        session.close()


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    (folder / "events.txt").write_text("".join(WSE.format(time=f"10:21:{49 + number}", number=number) for number in range(3)))
    (folder / "orders.log").write_text(LINES)
    return folder


@pytest.fixture(scope="module")
def session(running: Callable[[], Session], logs: Path) -> Session:
    started = running()
    started.open([logs / "events.txt", logs / "orders.log"], Job())
    return started


def verdict(session: Session) -> Diagnosis | None:
    return session.diagnosis


def test_sources_say_what_they_are(session: Session, logs: Path) -> None:
    events, orders = session.sources
    assert (events.format, events.events, orders.events) == ("event-viewer-text", 3, 40)
    assert [source.name for source in session.sources] == [str(logs / "events.txt"), str(logs / "orders.log")]
    assert orders.sha256 == hashlib.sha256((logs / "orders.log").read_bytes()).hexdigest()
    assert len(session) == 43
    assert session.problems == ()


def test_the_zone_is_inferred_from_the_fault_reply(session: Session) -> None:
    zone = session.sources[0].zone
    assert (zone.offset, zone.basis) == (timedelta(hours=1), ZoneBasis.INFERRED)
    assert session.page([0], ["time"]).cells["time"] == (datetime(2026, 3, 14, 9, 21, 49, tzinfo=UTC),)


def test_select_and_page(session: Session) -> None:
    rows = session.select("level:error order", Job(), sort="time", descending=True)
    assert rows.tolist() == list(range(3 + 36, 2, -4))
    page = session.page(rows[:2], ["level", "time", "source", "message", "computer", "cause"])
    assert page.rows == (39, 35)
    assert page.cells["level"] == (Level.ERROR, Level.ERROR)
    assert page.cells["message"][0] == "order 36 of alice"
    assert page.cells["source"] == (session.sources[1].name,) * 2
    assert page.cells["computer"] == (None, None)
    assert page.cells["cause"] == ("", "")


def test_file_order_backwards(session: Session) -> None:
    assert session.select("", Job(), descending=True).tolist() == list(range(42, -1, -1))


def test_first_results_arrive(session: Session) -> None:
    seen: list[int] = []
    rows = session.select("alice", Job(), arrived=lambda some: seen.extend(some.tolist()))
    assert seen == rows.tolist() == list(range(3, 43))


def test_a_mistake_is_raised_with_its_place(session: Session) -> None:
    with pytest.raises(QueryError) as caught:
        session.select("level:nonsense", Job())
    assert (caught.value.start, caught.value.end) == (6, 14)


@pytest.mark.parametrize(
    ("text", "inserts", "span"),
    [
        ("", [], (0, 0)),
        ("alice lev", ["level:"], (6, 9)),
        ("level:er", ["error"], (6, 8)),
        ("host:web", ["=WEB00", "=WEB01", "=WEB02"], (5, 8)),
        ("source:wse", ['="Microsoft WSE 2.0"'], (7, 10)),
        ("id:", ["0"], (3, 3)),
        ("message:x", [], (0, 0)),
    ],
)
def test_completion_offers_what_is_in_the_log(session: Session, text: str, inserts: list[str], span: tuple[int, int]) -> None:
    found = session.complete(text, len(text))
    assert [one.insert for one in found] == inserts
    assert {(one.start, one.end) for one in found} <= {span}
    for one in found:
        session.select(text[: one.start] + one.insert + ("" if one.insert[-1] != ":" else "error"), Job())


def test_a_cancelled_job_raises(session: Session) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        session.select("alice", job)


def test_detail(session: Session) -> None:
    detail = session.inspect(1)
    assert detail.position == "line 14" or detail.position.startswith("line ")
    assert (detail.level, detail.provider, detail.event_id, detail.computer) == (Level.ERROR, "Microsoft WSE 2.0", 0, "WEB01")
    assert detail.message == session.message(1)
    assert detail.message.startswith("Message Dispatch Failure: <soap:Envelope")
    assert detail.raw.startswith("Event Type:\tError")
    assert ("Computer", "WEB01") in detail.fields
    assert {payload.kind for payload in detail.contents.payloads} >= {"soap", "stack_trace"}
    assert [token.kind for token in detail.contents.tokens] == ["timestamp"]
    assert detail.timeline is not None
    assert detail.timeline.lanes[0].window.belongs_to == "fault reply"
    assert detail.time_note.startswith("10:21:50 local; +01:00 inferred")
    assert detail.summary


def test_a_window_that_the_message_prints_and_its_token_carries_is_one_lane() -> None:
    with Session(Options(workers=1)) as session:
        session.open([resource_path("samples") / "orders-service.log"], Job())
        row = next(row for row in range(len(session)) if "ID4223" in session.inspect(row).message)
        timeline = session.inspect(row).timeline
    assert timeline is not None
    assert [lane.window.label for lane in timeline.lanes] == ["SAML 2.0 Conditions", "SAML SubjectConfirmationData"]
    assert timeline.headline == "Too late by 51.52 s"


def test_a_row_that_is_not_there(session: Session) -> None:
    with pytest.raises(IndexError):
        session.inspect(43)


def test_facets_and_histogram_count_the_same(session: Session) -> None:
    rows = session.select("alice", Job())
    assert [(facet.value, facet.count) for facet in session.facet("level", rows)] == [("Information", 30), ("Error", 10)]
    assert [(facet.value, facet.count) for facet in session.facet("source", None)] == [
        (session.sources[1].name, 40),
        (session.sources[0].name, 3),
    ]
    histogram = session.histogram(rows, 8)
    assert histogram is not None
    assert histogram.counts.sum() == 40
    assert histogram.counts[:, Level.ERROR].sum() == 10
    assert session.histogram(np.zeros(0, np.uint32), 8) is None


def test_diagnosis_gives_causes_to_rows_and_filters(running: Callable[[], Session], logs: Path) -> None:
    session = running()
    session.open([logs / "events.txt"], Job())
    assert verdict(session) is None
    assert session.select("cause:bad_credentials", Job()).tolist() == []
    diagnosis = session.diagnose(Job())
    assert session.diagnosis is diagnosis
    (finding,) = diagnosis.findings
    assert session.select(f"cause:{finding.cause.value}", Job()).tolist() == [0, 1, 2]
    assert session.select("finding:F1", Job()).tolist() == [0, 1, 2]
    assert session.page([0], ["cause"]).cells["cause"] == (finding.cause.value,)
    assert [(facet.value, facet.count) for facet in session.facet("cause", None)] == [(finding.cause.value, 3)]
    session.open([logs / "orders.log"], Job())
    session.diagnose(Job())
    assert session.select("", Job(), sort="cause").tolist()[:4] == [0, 1, 2, 3]
    assert session.select("", Job(), sort="cause", descending=True).tolist()[:4] == [0, 1, 2, 3]
    assert [facet.count for facet in session.facet("cause", np.array([2, 5, 1], np.uint32))] == [2]
    (finding,) = session.diagnose(Job()).findings
    assert session.inspect(0).finding is finding
    assert finding.title in session.inspect(0).summary
    session.set_zone(session.sources[0].id, Zone(timedelta(hours=2), ZoneBasis.USER, "set by you"))
    assert verdict(session) is None


def test_marks_are_found_and_move_with_their_rows(running: Callable[[], Session], logs: Path) -> None:
    session = running()
    first, _ = session.open([logs / "events.txt", logs / "orders.log"], Job())
    session.choose("bookmark", [1, 10])
    session.choose("note", [42])
    assert session.select("has:bookmark", Job()).tolist() == [1, 10]
    keys = session.keys_of([0, 10, 42])
    assert session.rows_of(keys, Job()) == {keys[0]: 0, keys[1]: 10, keys[2]: 42}
    session.remove(first.id)
    assert len(session) == 40
    assert session.select("has:bookmark", Job()).tolist() == [7]
    assert session.select("has:note", Job()).tolist() == [39]
    assert [source.events for source in session.sources] == [40]
    assert session.inspect(7).message == "order 7 of alice"


def test_pasted_text_is_a_source(running: Callable[[], Session]) -> None:
    session = running()
    source = session.paste(WSE.format(time="10:21:49", number=0), Job())
    assert (source.name, source.events) == ("pasted text 1", 1)
    assert session.paste("just a line", Job()).name == "pasted text 2"
    with pytest.raises(ValueError, match="no text"):
        session.paste(" \n", Job())


def test_archives_open_as_their_members(running: Callable[[], Session], logs: Path, tmp_path: Path) -> None:
    archive = tmp_path / "customer.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(logs / "events.txt", "server/events.txt")
        out.writestr("server/orders.log.gz", gzip.compress(LINES.encode()))
        out.writestr("empty.log", "")
    session = running()
    session.open([archive], Job())
    assert [source.name for source in session.sources] == [f"{archive}!server/events.txt", f"{archive}!server/orders.log.gz!orders.log"]
    assert [source.events for source in session.sources] == [3, 40]
    assert [(problem.source, problem.reason) for problem in session.problems] == [
        (f"{archive}!empty.log", "the file in the archive is empty")
    ]
    assert session.inspect(0).raw.startswith("Event Type:\tError")


def test_a_chosen_format_and_zone(running: Callable[[], Session], logs: Path, tmp_path: Path) -> None:
    session = Session(Options(format="lines", zone=Zone(timedelta(hours=5), ZoneBasis.USER, "set by you"), workers=1))
    try:
        (source,) = session.open([logs / "orders.log"], Job())
        assert (source.format, source.zone.offset, source.zone.basis) == ("lines", timedelta(hours=5), ZoneBasis.USER)
        assert session.page([0], ["time"]).cells["time"] == (datetime(2026, 3, 14, 3, 0, tzinfo=UTC),)
    finally:
        session.close()


def test_a_source_is_read_again_with_another_format(running: Callable[[], Session], logs: Path, tmp_path: Path) -> None:
    session = running()
    path = tmp_path / "grows.log"
    path.write_text(LINES)
    first, _ = session.open([path, logs / "events.txt"], Job())
    session.set_zone(first.id, Zone(timedelta(hours=2), ZoneBasis.USER, "set by you"))
    path.write_text(LINES * 2)
    again = session.reload(first.id, Job(), format_name="lines")
    assert again is not None
    assert (again.format, again.zone.offset) == ("lines", timedelta(hours=2))
    assert [source.name for source in session.sources] == [str(path), str(logs / "events.txt")]
    assert [source.events for source in session.sources] == [80, 3]
    assert len(session) == 83
    path.unlink()
    assert session.reload(again.id, Job()) is None
    assert len(session) == 83
    assert session.problems[-1].reason == "the file is gone or empty now; what was read before is still shown"


def test_the_workspace_is_private_and_removed(tmp_path: Path, logs: Path) -> None:
    session = Session(Options(workers=1), workspace=tmp_path)
    try:
        session.open([logs / "orders.log"], Job())
        (folder,) = tmp_path.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.rglob("*.arrow"))
    finally:
        session.close()
    assert list(tmp_path.iterdir()) == []
    session.close()


def test_closing_stops_what_is_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(LINES * 40_000)  # some 100 MB
    session = Session(Options(workers=1), workspace=tmp_path / "work")
    seen: list[type[BaseException]] = []

    def read() -> None:
        try:
            session.open([path], Job(), lambda _: arrived.set())
        except Cancelled:
            seen.append(Cancelled)

    arrived = threading.Event()
    reading = threading.Thread(target=read)
    reading.start()
    arrived.wait()
    session.close()
    reading.join()
    assert seen == [Cancelled]
    assert list((tmp_path / "work").iterdir()) == []


def test_sources_are_left_as_they_were(running: Callable[[], Session], tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(LINES)
    before = path.stat()
    session = running()
    session.open([path], Job())
    session.inspect(0)
    after = path.stat()
    assert (after.st_mtime_ns, after.st_size, after.st_mode) == (before.st_mtime_ns, before.st_size, before.st_mode)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_vanished_can_still_be_looked_at(running: Callable[[], Session], tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(LINES)
    session = running()
    session.open([path], Job())
    path.unlink()
    detail = session.inspect(3)
    assert detail.message == "order 3 of alice"
    assert detail.raw.startswith("The event could not be read again: the file could not be read: No such file")
