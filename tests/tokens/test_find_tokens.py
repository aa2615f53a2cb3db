"""Finding tokens in any text: each once, in order, whatever the text is, in work that grows with its length."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.tokens import TOKENS, find_tokens
from inspector.tokens.base import Token, Trust
from inspector.tokens.reading.markup import MAX_NAMED, SOUGHT, SPARSE_FROM, read_markup, unescape
from inspector.tokens.verify import verified
from tests.tokens.material import Document, assertion, der_base64, envelope, jws, leaf, pem, response, self_signed, signed, timestamp
from tests.tokens.test_aws import HEADER, PRESIGNED

PIECES = (
    envelope(timestamp()), signed(assertion()), response(assertion()), jws(), pem(leaf()).decode(), der_base64(leaf()), HEADER, PRESIGNED,
    "Authorization: Bearer 2YotnFZFEjr1zCsicMWpAA", "Authorization: Basic YWxpY2U6c2VjcmV0", "SAMLResponse=", "<wsse:UsernameToken><wsse:Username>",
    "<!DOCTYPE a [", "<![CDATA[", "<!--", "]]>", "-->", "&#x1F600;", "&lt;", "&#99999999;", "\ud800", "\x00", "%3Cwsu:Timestamp%3E", "eyJ", "...", "***", "\r\n", "'", '"', "<", ">", "/>", "é",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=12).map("".join)


def all_of(tokens: tuple[Token, ...]) -> list[Token]:
    waiting, found = list(tokens), []
    while waiting:
        token = waiting.pop()
        found.append(token)
        waiting.extend(token.inner)
    return found


@given(text=HOSTILE, start=st.integers(0, 500), end=st.integers(0, 6000), shift=st.integers(0, 9))
def test_any_text_gives_tokens_with_places_in_it(text: str, start: int, end: int, shift: int) -> None:
    cut = text[start : start + end]
    whole = "x" * shift + cut
    for token in all_of(find_tokens(whole, (Document(cut, shift),))):
        spans = [
            token.span,
            *(field.span for field in token.fields if field.span),
            *(window.not_before_span for window in token.windows if window.not_before_span),
        ]
        for span in spans:
            assert 0 <= span.start <= span.end <= len(whole)
        assert token.title
        assert token.kind
        for field in token.fields:
            if field.secret and len(field.value) > 8:
                assert field.value not in token.title
                assert field.value != token.identity
        for check in token.checks:
            assert check.reason


@given(text=HOSTILE)
def test_verifying_any_token_never_raises(text: str) -> None:
    trust = Trust(pem=(pem(self_signed()),), secrets=(b"s" * 32,), audiences=("api",), issuers=("x",), passwords={"alice": "x"})
    for token in find_tokens(text, (Document(text),)):
        assert verified(token, trust, None).checks


@given(text=HOSTILE)
def test_markup_keeps_its_places(text: str) -> None:
    markup = read_markup(text)
    for element in markup.elements:
        assert 0 <= element.start < element.inner_start <= element.end <= len(text)
        assert element.inner_start <= element.inner_end <= element.end
        assert text[element.start] == "<"
        assert element.parent is None or element.parent.start < element.start
        if element.closed:
            assert text[element.end - 1] == ">" or element.end == len(text) or text[element.end] == "<"


def test_tokens_come_in_order_and_once() -> None:
    text = f"{jws()} {envelope(timestamp())} {jws()}"
    assert [token.kind for token in find_tokens(text, (Document(envelope(timestamp()), text.index("<soap")),))] == ["jwt", "timestamp"]


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in TOKENS}) == len(TOKENS)


@pytest.mark.parametrize(
    ("text", "result"),
    [("&lt;&#65;&#x42;&amp;lt;", "<AB&lt;"), ("&nbsp;&x;&", "&nbsp;&x;&"), ("&#1114112;&#xD800;", "&#1114112;&#xD800;"), ("&#0;", "\x00")],
)
def test_references(text: str, result: str) -> None:
    assert unescape(text) == result


def test_namespaces_and_unbound_prefixes() -> None:
    markup = read_markup('<a xmlns="urn:a" xmlns:b="urn:b"><b:c/><d xmlns=""/><e:f/></a>')
    assert [(one.local, one.namespace) for one in markup.elements] == [("a", "urn:a"), ("c", "urn:b"), ("d", ""), ("f", None)]


def test_an_end_tag_without_start_and_a_missing_one() -> None:
    markup = read_markup("</x><a><b>text</a><c>")
    assert [(one.local, one.closed) for one in markup.elements] == [("a", True), ("b", False), ("c", False)]
    assert markup.cut


def test_too_many_elements_are_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.tokens.reading.markup.MAX_ELEMENTS", 1000)
    markup = read_markup("<Timestamp/>" * 1001)
    assert len(markup.elements) == 1000
    assert markup.problems == ("only the first 1,000 elements were read",)


GROWING: dict[str, Callable[[int], str]] = {
    "jwt starts": lambda n: "eyJ" * n,
    "jwt parts": lambda n: "eyJhbGciOiJIUzI1NiJ9." * n,
    "certificates": lambda n: "MIIDBTCCAe2gAwIBAgIQY4RNIR0dX6dBZggnkhCRoDANBgkqhkiG9w0BAQsFADAt " * n,
    "pem": lambda n: "-----BEGIN CERTIFICATE-----\nMII" * n,
    "base64": lambda n: "PHNhbWxwOlJlc3BvbnNl" * n,
    "base64 lines": lambda n: ("PHNhbWxwOlJlc3BvbnNl" * 4 + "\n") * n,
    "parameters": lambda n: "SAMLResponse=" * n,
    "percent": lambda n: "%3Ca" * n,
    "comments": lambda n: "<!--Timestamp" * n,
    "open tags": lambda n: "<Timestamp" * n,
    "open quotes": lambda n: "<Timestamp a='" * n,
    "attributes": lambda n: "<Timestamp " + "a='b' " * n,
    "nested stamps": lambda n: "<wsu:Timestamp xmlns:wsu='u'>" * n,
    "nested headers": lambda n: "<Security><UsernameToken><Created>" * n,
    "nested signatures": lambda n: "<Signature><SignedInfo><Reference URI='#a'/><KeyInfo>" * n,
    "same ids": lambda n: "<Signature><SignedInfo><Reference URI='#a'/></SignedInfo></Signature><x Id='a'/>" * n,
    "nested references": lambda n: "<SecurityTokenReference><Reference URI='#a'/>" * n,
    "nested responses": lambda n: "<samlp:Response><saml:Assertion>" * n,
    "faults": lambda n: "<Envelope><Fault/>" + "<Security><Timestamp/></Security>" * n,
    "lifetimes": lambda n: "<a>" + "<Lifetime><Created>2020-01-01T00:00:00Z</Created></Lifetime>" * n,
    "references": lambda n: "<Timestamp>" + "&#" * n + "&lt;" * n,
    "credentials": lambda n: "Credential=AKIAIOSFODNN7EXAMPLE/20200101/us-east-1/s3/aws4_request Date=" * n,
    "bearers": lambda n: "Bearer abcdefgh0123456789abcdef " * n,
    "secrets": lambda n: "access_token=a1%" * n,
}


def work(text: str) -> int:
    """Calls made while looking for tokens, those into C included."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        find_tokens(text, (Document(text),))
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_with_the_length_only(name: str) -> None:
    grown = GROWING[name]
    count = 1.2 * SPARSE_FROM // (len(grown(2)) - len(grown(1)))
    small, large = (work(grown(int(count) * times)) for times in (1, 4))
    assert large <= 4.5 * small + 2000


def seen(xml: str, *, sparse: bool) -> list[tuple[str, int, int, int, bool, list[str]]]:
    """Elements that are sought, with their places and ancestors; padded so that the document is read sparsely, or not."""
    padded = xml + (" " * SPARSE_FROM if sparse else "")
    return [
        (one.local, one.start, one.inner_start, min(one.end, len(xml)), one.closed, [above.local for above in one.ancestors()])
        for one in read_markup(padded).elements
        if one.local in SOUGHT
    ]


PARTS = st.sampled_from([
    *(f"<{name}>" for name in ("a", "b", "x:Timestamp", "Created", "Signature", "Body", "Envelope")), *(f"</{name}>" for name in ("a", "b", "x:Timestamp", "Created", "Signature", "Body", "Envelope")),
    "<a/>", "<c d='e'/>", "text " * 200, "<o>" + "<p>q</p>" * 100 + "</o>", "<Fault/>", '<d Id="i"/>', "Timestamp",
])  # fmt: skip


@given(parts=st.lists(PARTS, max_size=30))
def test_passing_over_what_is_not_sought_changes_nothing_else(parts: list[str]) -> None:
    xml = f"<r>{''.join(parts)}</r>"
    assert seen(xml, sparse=True) == seen(xml, sparse=False)


def test_a_large_body_is_passed_over_and_what_stands_behind_it_found() -> None:
    body = "<order nr='7'><name>Alice</name></order>" * 2000
    markup = read_markup(f"<e><h>{timestamp()}</h><b>{body}</b><c>{body}</c>{signed(assertion())}</e>")
    assert len(markup.elements) < 100
    assert [one.local for one in markup.named("Timestamp", "Assertion", "Signature")] == ["Timestamp", "Assertion", "Signature"]
    assert next(iter(markup.named("Assertion"))).parent is markup.elements[0]
    assert not markup.cut


def test_a_signed_part_deep_in_a_large_body_is_kept() -> None:
    body = "<order><name>Alice</name></order>" * 2000
    signature = '<Signature><SignedInfo><Reference URI="#deep"/></SignedInfo></Signature>'
    markup = read_markup(f'<e>{signature}<b>{body}<order Id="deep"/>{body}</b></e>')
    assert [one.local for one in markup.by_id["deep"]] == ["order"]
    assert len(markup.elements) < 20


def test_elements_beyond_the_bound_are_told() -> None:
    text = f"<a>{timestamp() * (MAX_NAMED + 7)}</a>"
    tokens = find_tokens(text, (Document(text, 0),))
    assert len(tokens) == MAX_NAMED
    assert tokens[-1].problems == (
        f"one document holds {MAX_NAMED + 7} Timestamp elements; only the first {MAX_NAMED} of each were looked into",
    )
    assert not any(token.problems for token in tokens[:-1])
