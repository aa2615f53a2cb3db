"""Following logs that grow: only what is new is read, rows keep their numbers, and what becomes of a file is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inspector.ingest.growth import goes_on, print_of, whole_lines
from inspector.job import Job
from inspector.session import Options, Session


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(Options(workers=1), workspace=tmp_path_factory.mktemp("work") / "s") as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_open(session: Session) -> None:
    for source in session.sources:
        session.remove(source.id)


def line(second: int, text: str = "") -> str:
    return f"2024-05-21 10:04:{second:02d},117 ERROR [main] app.Store - {text or f'Request {second}'}\n"


def append(path: Path, text: str, encoding: str = "utf-8") -> None:
    with path.open("ab") as file:
        file.write(text.encode(encoding))


def messages(session: Session) -> list[str]:
    return [session.message(row) for row in range(len(session))]


def positions(session: Session) -> list[int]:
    return session.frame(np.arange(len(session), dtype=np.uint32), ["position"])["position"].to_list()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_appended_records_and_the_rest_of_the_last_one(session: Session, tmp_path: Path, encoding: str) -> None:
    path, other = tmp_path / "a.log", tmp_path / "b.log"
    path.write_bytes("\ufeff".encode(encoding) + (line(1) + line(2)).encode(encoding))
    other.write_text(line(50), encoding="utf-8")
    first, _ = session.open([path, other], Job())
    session.choose("bookmark", [1, 2])
    append(path, "java.lang.IllegalStateException: zu spät\n\tat app.Store.get(Store.java:7)\n" + line(3), encoding)
    grown = session.follow(first.id, Job())
    assert grown is not None
    assert (grown.id, grown.events, grown.size, grown.problems) == (first.id, 3, path.stat().st_size, ())
    assert messages(session) == [
        "Request 1",
        "Request 2\njava.lang.IllegalStateException: zu spät\n\tat app.Store.get(Store.java:7)",
        "Request 50",
        "Request 3",
    ]
    assert positions(session) == [1, 2, 1, 5]
    assert session.select("has:bookmark", Job()).tolist() == [1, 2]
    assert session.select("has:stack", Job()).tolist() == [1]
    detail = session.inspect(1)
    assert detail.raw.endswith("Store.java:7)\n")
    assert session.inspect(3).position == "line 5"


def test_nothing_is_read_when_nothing_was_appended(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(line(1), encoding="utf-8")
    (source,) = session.open([path], Job())
    session.finish_hashing(Job())
    before = session.store.source(source.id)
    assert session.follow(source.id, Job()) == before


def test_a_line_that_is_being_written_waits(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(line(1), encoding="utf-8")
    (source,) = session.open([path], Job())
    append(path, line(2) + "2024-05-21 10:0")
    session.follow(source.id, Job())
    assert messages(session) == ["Request 1", "Request 2"]
    append(path, "4:03,117 ERROR [main] app.Store - Requ")
    session.follow(source.id, Job())
    assert messages(session) == ["Request 1", "Request 2"]
    session.follow(source.id, Job())  # it rests: shown as it is
    assert messages(session) == ["Request 1", "Request 2", "Requ"]
    append(path, "est 3\n" + line(4))
    session.follow(source.id, Job())
    assert messages(session) == ["Request 1", "Request 2", "Request 3", "Request 4"]
    assert positions(session) == [1, 2, 3, 4]


def test_only_what_is_new_is_read(session: Session, tmp_path: Path) -> None:
    """Bytes in the middle that change unseen show that they were not read again; the hash goes on from where it was."""
    path = tmp_path / "a.log"
    path.write_text("".join(line(number % 60) for number in range(2000)), encoding="utf-8")
    (source,) = session.open([path], Job())
    session.finish_hashing(Job())
    with path.open("r+b") as file:
        file.seek(50_000)
        file.write(b"2024-05-21 10:04:11,117 ERROR [main] app.Store - Changed\n")
    append(path, line(1))
    session.follow(source.id, Job())
    assert len(session) == 2001
    assert not len(session.select("Changed", Job()))


def test_every_tick_of_a_growing_log_gives_what_reading_it_at_once_gives(session: Session, tmp_path: Path) -> None:
    whole = "".join(line(number, f"Step {number}\n  at app.Main.run{number}()" if number % 3 == 0 else "") for number in range(40))
    path, once = tmp_path / "a.log", tmp_path / "once.log"
    once.write_text(whole, encoding="utf-8")
    path.write_text(whole[:90], encoding="utf-8")
    (source,) = session.open([path], Job())
    for at in range(90, len(whole), 137):
        append(path, whole[at : at + 137])
        session.follow(source.id, Job())
    session.follow(source.id, Job())
    session.finish_hashing(Job())
    followed, rows = messages(session), positions(session)
    digest = session.store.source(source.id).sha256
    session.remove(source.id)
    (again,) = session.open([once], Job())
    assert (followed, rows) == (messages(session), positions(session))
    assert digest == again.sha256


@pytest.mark.parametrize(
    ("before", "more", "format_name"),
    [
        ('{"time":"2024-05-21T10:04:58Z","message":"a"}\n', '{"time":"2024-05-21T10:04:59Z","message":"b"}\n', "json-lines"),
        (
            "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs-method cs-uri-stem sc-status\n2024-05-21 10:04:58 GET /a 200\n",
            "2024-05-21 10:04:59 GET /b 401\n",
            "iis-w3c",
        ),
        ("first\n", "second\n", "lines"),
    ],
)
def test_formats_that_are_read_on(session: Session, tmp_path: Path, before: str, more: str, format_name: str) -> None:
    path = tmp_path / "a.log"
    path.write_text(before, encoding="utf-8")
    (source,) = session.open([path], Job())
    assert source.format == format_name
    append(path, more)
    found = session.follow(source.id, Job())
    assert found is not None
    assert (found.id, found.events, len(session)) == (source.id, 2, 2)


def test_a_file_that_is_cut_or_begun_anew_is_read_again(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    for new in (line(7), line(8) + "x" * 200 + "\n"):
        path.write_text(line(1) + line(2), encoding="utf-8")
        (source,) = session.open([path], Job())
        path.write_text(new, encoding="utf-8")
        found = session.follow(source.id, Job())
        assert found is not None
        assert found.id != source.id
        assert messages(session)[0] in {"Request 7", "Request 8\n" + "x" * 200}
        (problem,) = found.problems
        assert problem.notice
        assert "cut or begun anew" in problem.reason
        assert "the 2 events read before are no longer in it" in problem.reason
        session.remove(found.id)


def test_a_format_that_cannot_be_read_on_is_read_again(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"time":"2024-05-21T10:04:58Z","message":"a"}]', encoding="utf-8")
    (source,) = session.open([path], Job())
    assert session.follow(source.id, Job()) == session.store.source(source.id)
    path.write_text('[{"time":"2024-05-21T10:04:58Z","message":"a"},{"time":"2024-05-21T10:04:58Z","message":"b"}]', encoding="utf-8")
    found = session.follow(source.id, Job())
    assert found is not None
    assert (found.events, found.problems) == (2, ())


def test_a_file_that_is_gone_is_told_once(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(line(1), encoding="utf-8")
    (source,) = session.open([path], Job())
    path.unlink()
    assert session.follow(source.id, Job()) is None
    assert session.follow(source.id, Job()) is None
    (problem,) = session.store.source(source.id).problems
    assert problem.reason.startswith("the file can no longer be followed: No such file")
    assert messages(session) == ["Request 1"]


def test_reloading_keeps_what_is_bookmarked(session: Session, tmp_path: Path) -> None:
    paths = [tmp_path / "a.log", tmp_path / "b.log"]
    for path in paths:
        path.write_text(line(1) + line(2), encoding="utf-8")
    first, _ = session.open(paths, Job())
    session.choose("bookmark", [1, 2])
    append(paths[0], line(3))
    session.reload(first.id, Job())
    rows = session.select("has:bookmark", Job())
    assert [(session.inspect(int(row)).source.path, session.message(int(row))) for row in rows] == [
        (paths[1], "Request 1"),
        (paths[0], "Request 2"),
    ]


def test_whole_lines_and_prints(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\ntwo\nthr")
    assert whole_lines(path, 4, 11, "utf-8") == 8
    assert whole_lines(path, 8, 11, "") == 8
    wide = "a\u0a0a\nb".encode("utf-16-le")  # bytes 0A that are no line end
    path.write_bytes(wide)
    assert whole_lines(path, 0, len(wide), "utf-16-le") == 6
    assert whole_lines(path, 6, len(wide), "utf-16-le") == 6
    known = print_of(path, 4)
    assert goes_on(path, known)
    path.write_bytes(wide[:3])
    assert not goes_on(path, known)
    path.write_bytes(b"a\0xx" + wide)
    assert not goes_on(path, known)


def test_what_a_replaced_file_holds_is_not_taken_for_what_was_read(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(line(1, "the first order") + line(2, "another order"), encoding="utf-8")
    session.open([path], Job())
    assert "the first order" in session.inspect(0).raw
    append(path, line(3))
    assert "the first order" in session.inspect(0).raw, "it has only grown"
    path.write_text(line(1, "the other order") + line(2, "third    order"), encoding="utf-8")
    shown = session.inspect(0)
    assert shown.raw == "The event could not be read again: the file has changed since it was read. Read it again to see what it holds now."
    assert "the first order" in shown.message, "what was read stays"
