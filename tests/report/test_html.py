"""The report is one file without script; what a log holds never becomes markup, whatever it is."""

from __future__ import annotations

import itertools
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.report.base import known_secrets
from inspector.report.html import report_html
from inspector.report.redaction import Redactor
from tests.report.reports import report_of

HOSTILE = "<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>\"'`--></style></title></svg><svg onload=alert(1)>{{7*7}}{%raw%}&lt;b&gt;\x00\x1b[31m\u202e"
VOID = {"meta", "br", "img", "link", "hr", "input"}


class Elements(HTMLParser):
    """Collects every element and attribute of a document, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def elements_of(text: str) -> Elements:
    parsed = Elements()
    parsed.feed(report_html(report_of(text), Redactor()))
    parsed.close()
    assert parsed.open == []
    return parsed


def test_hostile_text_becomes_no_markup() -> None:
    plain, hostile = elements_of("plain"), elements_of(HOSTILE)
    allowed = set(plain.names)
    assert set(hostile.names) <= allowed | {"span", "code"}
    assert not {"script", "img", "iframe", "object", "embed", "link", "form", "base"} & set(hostile.names)
    assert not [name for _, name, _ in hostile.attributes if name.startswith("on")]


def test_nothing_is_loaded_from_anywhere() -> None:
    parsed = elements_of("http://evil.example/x")
    for tag, name, value in parsed.attributes:
        if name in {"src", "srcset", "data", "action", "poster", "background"}:
            raise AssertionError((tag, name, value))
        if name in {"href", "xlink:href"}:
            assert (value or "").startswith("#"), (tag, value)
    policy = next(value for tag, name, value in parsed.attributes if tag == "meta" and name == "content" and "default-src" in (value or ""))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy


def test_links_lead_somewhere_and_ids_are_unique() -> None:
    parsed = elements_of("plain")
    assert len(parsed.ids) == len(set(parsed.ids))
    for tag, name, value in parsed.attributes:
        if tag == "a" and name == "href":
            assert (value or "").removeprefix("#") in parsed.ids


def test_secrets_of_tokens_are_replaced_everywhere() -> None:
    told = report_of("the password was hunter2hunter2 indeed")
    assert "hunter2hunter2" in report_html(told, Redactor(frozenset()))
    clean = report_html(told, Redactor(known=known_secrets(told.inspected.values())))
    assert "hunter2hunter2" not in clean
    assert "[password-1]" in clean


def test_headings_do_not_skip_levels() -> None:
    parsed = elements_of("plain")
    levels = [int(name[1]) for name in parsed.names if name in {"h1", "h2", "h3", "h4", "h5"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_becomes_no_markup(text: str) -> None:
    parsed = elements_of(text)
    assert not {"script", "img", "iframe", "object", "embed", "link", "form", "base"} & set(parsed.names)
    assert not [name for _, name, _ in parsed.attributes if name.startswith("on")]
