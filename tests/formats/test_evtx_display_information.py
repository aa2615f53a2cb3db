"""Tests of the texts saved beside an .evtx: which one is used, where it stands, and what damaged or crafted files give."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.events import MessageFrom
from inspector.formats.evtx import EVTX, display_information
from inspector.formats.evtx.display_information import UnreadableError
from inspector.job import Job
from inspector.session import Options, Session
from tests.builders import mta
from tests.builders.evtx import EventSpec, Rendering, evtx_bytes
from tests.formats.reading import Read, read

TEXTS = {1: "Das Token ist abgelaufen.\r\nGültig bis 12:05.\r\n", 2: "Anmeldung fehlgeschlagen.", 3: "Weitergeleitet.", 5: ""}
SPECS = [
    EventSpec(provider="Tailwind", data=(("Token", "T1"), ("User", "a & b"))),
    EventSpec(
        provider="Microsoft-Windows-Security-Auditing",
        event_id=4771,
        data=(("TargetUserName", "anna"), ("Status", "0x25")),
    ),
    EventSpec(provider="Tailwind", rendering=Rendering("Rendered there."), data=(("A", "1"),)),
    EventSpec(provider="Tailwind", data=(("Kept", "yes"),)),
    EventSpec(provider="Tailwind", data=()),
]


def saved(folder: Path, files: dict[str, bytes], specs: list[EventSpec] | None = None) -> Read:
    folder.mkdir(exist_ok=True)
    log = folder / "Security.evtx"
    log.write_bytes(evtx_bytes(specs or SPECS))
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return read(log, EVTX)


def test_its_texts_stand_above_the_data(tmp_path: Path) -> None:
    found = saved(tmp_path, {"LocaleMetaData/Security_1031.MTA": mta.display_information(TEXTS)})
    assert found.frame["message"].to_list() == [
        "Das Token ist abgelaufen.\nGültig bis 12:05.\n\nToken: T1\nUser: a & b",
        "Anmeldung fehlgeschlagen.\n\nTargetUserName: anna\nStatus: 0x25",
        "Weitergeleitet.\n\nA: 1",
        "Kept: yes",
        "",
    ]
    shown, data = MessageFrom.DISPLAY_INFORMATION, MessageFrom.EVENT_DATA
    assert found.frame["message_from"].to_list() == [shown, shown, shown, data, data]
    assert found.problems == ()


def test_many_records(tmp_path: Path) -> None:
    texts = {number: f"Text {number % 7}" for number in range(1, 951)}
    found = saved(tmp_path, {"LocaleMetaData/Security_1033.MTA": mta.display_information(texts)}, [EventSpec(data=())] * 1000)
    assert found.frame["message"].to_list() == [texts.get(number, "") for number in range(1, 1001)]


@pytest.mark.parametrize("folder", display_information.FOLDER)
@pytest.mark.parametrize("name", ["Security_1033.MTA", "security_2057.mta", "Security.evtx_1033.MTA"])
def test_where_it_lies(tmp_path: Path, folder: str, name: str) -> None:
    found = saved(tmp_path, {f"{folder}/{name}": mta.display_information({1: "Said."})})
    assert found.frame["message"][0].startswith("Said.")


@pytest.mark.parametrize("name", ["Security_1033.txt", "Security-1033.MTA", "Security_en.MTA", "Other_1033.MTA", "My_Security_1033.MTA"])
def test_what_is_not_of_this_log(tmp_path: Path, name: str) -> None:
    found = saved(tmp_path, {f"LocaleMetaData/{name}": mta.display_information({1: "Said."})})
    assert found.frame["message_from"][0] == MessageFrom.EVENT_DATA
    assert found.problems == ()


def test_english_comes_first_and_the_choice_is_told(tmp_path: Path) -> None:
    files = {f"LocaleMetaData/Security_{lcid}.MTA": mta.display_information({1: str(lcid)}) for lcid in (1031, 1040, 2057)}
    found = saved(tmp_path, files)
    assert found.frame["message"][0].startswith("2057")
    ((place, reason, notice),) = [(problem.position, problem.reason, problem.notice) for problem in found.problems]
    assert (place, notice) == ("LocaleMetaData/Security_2057.MTA", True)
    assert reason == "display information in 3 languages was saved with this log; its texts are taken from this file"


def test_a_link_or_pipe_is_no_display_information(tmp_path: Path) -> None:
    (tmp_path / "LocaleMetaData").mkdir()
    os.mkfifo(tmp_path / "LocaleMetaData" / "Security_1033.MTA")
    (tmp_path / "LocaleMetaData" / "Security_1031.MTA").symlink_to("/etc/passwd")
    assert saved(tmp_path, {}).problems == ()


WHOLE = mta.display_information({number: f"Text {number}" for number in range(1, 260)})


def put(at: int, *values: int) -> bytes:
    content = bytearray(WHOLE)
    content[at : at + len(values)] = bytes(values)
    return bytes(content)


MSG = WHOLE.index((0xFFFF_FFFF).to_bytes(4, "little"), WHOLE.index((0xFFFF_FFFF).to_bytes(4, "little")) + 800)
"""Where the first page of section MSG stands, behind the one page of PUB."""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it does not begin as display information does"),
        (b"MTAFile\0", "it does not begin as display information does"),
        (put(8, 2), "its version is 2.1, and only 1.1 is known"),
        (put(20, 1), "it has no section EVT and MSG"),
        (put(20, 9), "a section lies beyond its end|it ends inside of its list"),
        (WHOLE[:-1], "a section lies beyond its end: the file is cut or damaged"),
        (WHOLE[:60], "a section lies beyond its end|it ends inside of its list"),
        (put(MSG + 1, 0), r"there is no page at byte [0-9,]+"),
        (put(MSG + 72, 0, 0, 0, 0), "a record's text is missing"),
        (put(MSG + 72, 0x84, 0x03), r"there is no page at byte [0-9,]+"),
        (put(MSG + 72, 0, 0, 0, 0, 0, 0, 0, 0, 1), r"the pages do not follow each other at byte [0-9,]+"),
        (put(MSG + 72, 255, 255, 255), r"a page at byte [0-9,]+ lies beyond its section"),
        (put(MSG + 88, 255, 255, 255, 255, 255, 255, 255, 255), "an entry lies beyond its section"),
        (put(MSG + 88 + 800 + 4, 255, 255, 255, 255), "an entry is shorter than it must be, or reaches beyond its section"),
        (put(MSG + 88 + 800 + 8, 255, 255), "a text is longer than its place"),
        (put(MSG + 88 + 800, 255, 255), "a record's text is missing"),
    ],
)
def test_damage_is_told_and_costs_no_event(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        display_information.read(content)
    found = saved(tmp_path, {"LocaleMetaData/Security_1033.MTA": content})
    assert len(found.frame) == len(SPECS)
    assert set(found.frame["message_from"].to_list()) == {MessageFrom.EVENT_DATA, MessageFrom.TEMPLATE, MessageFrom.RENDERING_INFO}
    (problem,) = found.problems
    assert problem.notice
    assert problem.reason.startswith("the display information saved with this log cannot be used: ")


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, len(WHOLE)))
def test_mutated_files_never_raise_anything_else(changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(WHOLE)
    for at, value in changes:
        content[at] = value
    if cut % 3 == 0:
        del content[cut:]
    try:
        found = display_information.read(bytes(content))
    except UnreadableError:
        return
    found.texts(np.arange(300, dtype=np.int64))


@pytest.mark.parametrize("packed", [False, True])
def test_a_saved_folder_and_its_archive(tmp_path: Path, packed: bool) -> None:
    """As a user opens it: the folder or a .zip of it, in which the texts are no source of their own."""
    saved(tmp_path / "saved", {"LocaleMetaData/Security_1033.MTA": mta.display_information({1: "Said."})})
    (tmp_path / "saved" / "LocaleMetaData" / "Gone_1033.MTA").write_bytes(WHOLE)
    path = tmp_path / "saved"
    if packed:
        path = tmp_path / "saved.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for one in sorted((tmp_path / "saved").rglob("*.*")):
                archive.write(one, one.relative_to(tmp_path))
    with Session(Options(workers=1), workspace=tmp_path / "work") as session:
        session.open([path], Job())
        assert [source.name.rpartition("/")[2] for source in session.sources] == ["Security.evtx"]
        detail = session.inspect(0)
        assert (detail.message, detail.message_from) == ("Said.\n\nToken: T1\nUser: a & b", MessageFrom.DISPLAY_INFORMATION)
        assert detail.raw.startswith("<Event ")
        ((name, reason),) = [(problem.source, problem.reason) for problem in session.problems]
        assert name.endswith("LocaleMetaData/Gone_1033.MTA")
        assert reason == "this is the display information of an event log: open that log, it is read with it; nothing was opened"
