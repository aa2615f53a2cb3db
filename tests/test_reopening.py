"""Tests of case files over real sessions: what was open opens again, also where it was moved, and nothing is dropped in silence."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from inspector.casefile import Case, EventKey, Supplied, SuppliedKind, names_another_machine
from inspector.events import Zone, ZoneBasis
from inspector.job import Job
from inspector.session import Marked, Options, Reopened, RuleError, Session, case_of, judged_with, keeping, locate, reopen
from tests.test_session import LINES, WSE

MARKED = Marked(frozenset({0, 5}), {4: "asked the customer"}, {2: "warning"})


@pytest.fixture(scope="module")
def running() -> Iterator[Callable[[], Session]]:
    """Sessions that are closed at the end."""
    made: list[Session] = []

    def start() -> Session:
        made.append(Session(Options(workers=1)))
        return made[-1]

    yield start
    for session in made:
        session.close()


def write_logs(folder: Path) -> None:
    (folder / "events.txt").write_text("".join(WSE.format(time=f"10:21:{49 + number}", number=number) for number in range(3)))
    (folder / "orders.log").write_text(LINES)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    write_logs(folder)
    return folder


@pytest.fixture(scope="module")
def saved(running: Callable[[], Session], tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Two logs with marks, the second in a zone that the person set."""
    logs = tmp_path_factory.mktemp("saved")
    write_logs(logs)
    session = running()
    session.open([logs / "events.txt", logs / "orders.log"], Job())
    session.set_zone(session.sources[1].id, Zone(timedelta(hours=-3), ZoneBasis.USER, "set by you"))
    return case_of(session, MARKED, Job())


@pytest.fixture
def case(saved: Case, logs: Path) -> Case:
    """The same as if it had been saved from the logs of this test."""
    names = [str(logs / Path(one.name).name) for one in saved.sources]
    return replace(saved, sources=tuple(replace(one, path=name, name=name) for one, name in zip(saved.sources, names, strict=True)))


def opened(session: Session, case: Case, beside: Path | None = None, folders: tuple[Path, ...] = ()) -> Reopened:
    return reopen(session, case, locate(case.sources, beside, folders, Job()), Job())


def test_what_was_open_opens_again(running: Callable[[], Session], case: Case) -> None:
    session = running()
    found = opened(session, case)
    assert found == Reopened(MARKED, {}, (), (), ())
    assert session.sources[1].zone == Zone(timedelta(hours=-3), ZoneBasis.USER, "set by you")
    assert case_of(session, found.marked, Job()) == case


def test_opens_beside_what_is_open(running: Callable[[], Session], case: Case, tmp_path: Path) -> None:
    other = tmp_path / "other.log"
    other.write_text(LINES.replace("alice", "bob"))
    session = running()
    session.open([other], Job())
    assert opened(session, case).marked == Marked(frozenset({40, 45}), {44: "asked the customer"}, {42: "warning"})


def test_moved_logs_are_found_beside_the_case_file(running: Callable[[], Session], case: Case, logs: Path, tmp_path: Path) -> None:
    there = tmp_path / "other machine"
    (there / "from the customer").mkdir(parents=True)
    shutil.move(logs / "events.txt", there / "from the customer" / "renamed.txt")
    shutil.move(logs / "orders.log", there / "orders.log")
    (there / "orders copy.log").write_text(LINES.replace("alice", "ALICE"))
    session = running()
    found = opened(session, case, there)
    assert (found.marked, found.missing, found.changed, found.moved) == (MARKED, (), (), (0, 1))
    assert [one.path.name for one in session.sources] == ["renamed.txt", "orders.log"]


def test_logs_found_nowhere_are_named_and_found_in_a_folder_asked_for(
    running: Callable[[], Session], case: Case, logs: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(logs / "events.txt", elsewhere / "events.txt")
    beside = tmp_path / "cases"
    beside.mkdir()
    session = running()
    found = opened(session, case, beside)
    assert found.missing == (0,)
    assert found.marked == Marked(frozenset({2}), {1: "asked the customer"}, {})
    assert locate(case.sources, beside, (elsewhere,), Job()) == {0: elsewhere / "events.txt", 1: logs / "orders.log"}


def test_a_log_that_changed_is_said_to_have(running: Callable[[], Session], case: Case, logs: Path) -> None:
    (logs / "orders.log").write_text(LINES + LINES)
    found = opened(running(), case)
    assert (found.missing, found.changed) == ((), (1,))
    assert found.marked == MARKED


def test_the_old_content_elsewhere_is_preferred_to_a_changed_file(case: Case, logs: Path, tmp_path: Path) -> None:
    beside = tmp_path / "cases"
    beside.mkdir()
    shutil.copy(logs / "orders.log", beside / "kept.log")
    (logs / "orders.log").write_text(LINES + LINES)
    assert locate(case.sources, beside, (), Job())[1] == beside / "kept.log"


def test_a_case_leads_to_no_other_machine(case: Case, logs: Path) -> None:
    there = replace(case, sources=tuple(replace(one, path=f"/{one.path}") for one in case.sources))
    assert (Path(there.sources[0].path)).is_file()  # this system takes it for a file of its own; Windows asks a host called "tmp"
    assert locate(there.sources, None, (), Job()) == {}
    assert set(locate(case.sources, None, (), Job())) == {0, 1}


@pytest.mark.parametrize(
    ("path", "another"),
    [
        (r"\\host\share\a.log", True), ("//host/share/a.log", True), (r"\/host\a.log", True), (r"\\?\UNC\host\share\a.log", True),
        ("/home/ann/a.log", False), (r"C:\logs\a.log", False), ("a.log", False), ("", False),
    ],
)  # fmt: skip
def test_paths_of_other_machines(path: str, another: bool) -> None:
    assert names_another_machine(path) is another
    assert Supplied(SuppliedKind.TRUST, path).lies_elsewhere is another
    assert not Supplied(SuppliedKind.AUDIENCE, path).lies_elsewhere


def test_links_are_not_followed_in_search(case: Case, logs: Path, tmp_path: Path) -> None:
    beside = tmp_path / "cases"
    beside.mkdir()
    shutil.move(logs, tmp_path / "moved")
    (beside / "link").symlink_to(tmp_path / "moved")
    assert locate(case.sources, beside, (), Job()) == {}


def test_pasted_text_and_members_of_archives_come_back(running: Callable[[], Session], tmp_path: Path) -> None:
    archive = tmp_path / "logs.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/orders.log", LINES)
        file.writestr("b.log", LINES.replace("alice", "carol"))
    first = running()
    first.open([archive], Job())
    first.remove(first.sources[0].id)
    first.paste(LINES.replace("alice", "dora"), Job())
    kept = case_of(first, Marked(frozenset({3, 41})), Job())
    assert kept.sources[0].path == str(archive)
    archive.rename(tmp_path / "other.zip")
    (tmp_path / "there").mkdir()
    shutil.move(tmp_path / "other.zip", tmp_path / "there" / "logs.zip")
    second = running()
    found = opened(second, kept, tmp_path)
    assert (found.missing, found.changed) == ((), ())
    assert found.marked == Marked(frozenset({3, 41}))
    assert "carol" in second.message(3)
    assert "dora" in second.message(41)
    assert len(second.sources) == 2


def test_further_events_are_found_too(running: Callable[[], Session], case: Case) -> None:
    session = running()
    key = case.bookmarks[1]
    found = reopen(session, case, locate(case.sources, None, (), Job()), Job(), others=[key, EventKey(0, 7, 99)])
    assert found.rows == {key: 5}


def test_what_was_supplied_judges_and_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "revoked.txt", tmp_path / "keys.bin"
    good.write_text("4d3c\n")
    bad.write_bytes(b"nothing of use")
    supplied = (
        Supplied(SuppliedKind.REVOKED, str(good)),
        Supplied(SuppliedKind.TRUST, str(bad)),
        Supplied(SuppliedKind.TRUST, str(tmp_path / "gone.pem")),
        Supplied(SuppliedKind.AUDIENCE, "api://orders"),
        Supplied(SuppliedKind.SKEW, "90"),
        Supplied(SuppliedKind.SKEW, "-1"),
    )
    judged = judged_with(supplied)
    assert judged.trust.revoked == {"4d3c"}
    assert judged.trust.audiences == ("api://orders",)
    assert judged.trust.skew == timedelta(seconds=90)
    assert [one for one, _ in judged.refused] == [supplied[1], supplied[2], supplied[5]]
    assert "gone.pem: cannot be read" in judged.refused[1][1]


def test_a_rule_file_that_cannot_be_used_changes_nothing(running: Callable[[], Session], tmp_path: Path) -> None:
    rules = tmp_path / "mine.toml"
    rules.write_text("[[entry]]\n", encoding="utf-8")
    session = running()
    before = session.options
    with pytest.raises(RuleError, match=r"mine\.toml"):
        session.supply(before.trust, [rules])
    assert session.options == before


def test_marks_stay_on_their_events_when_logs_are_closed_and_read_again(running: Callable[[], Session], logs: Path) -> None:
    session = running()
    session.open([logs / "events.txt", logs / "orders.log", logs / "events.txt"], Job())
    (logs / "orders.log").write_text(LINES + LINES)
    first, second = session.sources
    rows = [0, 4, 7]

    def read_again() -> dict[int, int]:
        again = session.reload(second.id, Job())
        assert again is not None
        return {second.id: again.id}

    texts = [session.message(row) for row in rows]
    assert keeping(session, rows, read_again, Job()) == {0: 0, 4: 4, 7: 7}
    assert [session.message(row) for row in rows] == texts

    def close() -> dict[int, int]:
        session.remove(first.id)
        return {}

    assert keeping(session, rows, close, Job()) == {4: 1, 7: 4}
    assert [session.message(row) for row in (1, 4)] == texts[1:]
