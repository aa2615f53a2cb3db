"""Tests of what ties events together: message IDs, printed correlations, tokens by a piece that is of no use by itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest

from inspector.job import Job
from inspector.session import Kinship, Options, Session, kinship

CORRELATION = "6d1b8f04-2a3e-4c57-9d10-7be2f0a4c913"
REQUEST = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
    "<a:MessageID>urn:uuid:2</a:MessageID><a:RelatesTo>urn:uuid:1</a:RelatesTo></s:Header><s:Body/></s:Envelope>"
)
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"RS256"}', b'{"iss":"https://idp.example","sub":"alice","exp":1779876543}', bytes(range(256)))
)
ASSERTION = (
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" AssertionID="_a75adf55" '
    'Issuer="https://idp.example" IssueInstant="2026-03-14T08:00:00Z"><saml:Conditions NotBefore="2026-03-14T08:00:00Z" '
    'NotOnOrAfter="2026-03-14T09:00:00Z"/></saml:Assertion>'
)


@pytest.fixture(scope="module")
def kin() -> Iterator[Callable[[str], Kinship]]:
    with Session(Options(workers=1)) as session:

        def look(message: str) -> Kinship:
            session.paste(f"2026-03-14 08:00:00,000 [1] ERROR Shop.Gateway - {message}\n", Job())
            return kinship(session.inspect(len(session) - 1))

        yield look


def test_a_conversation_is_told_by_its_message_ids(kin: Callable[[str], Kinship]) -> None:
    assert kin(f"refused {REQUEST}").conversation == ("urn:uuid:2", "urn:uuid:1")


@pytest.mark.parametrize("text", [f"401, correlation {CORRELATION}", f"CorrelationId: {CORRELATION}", f'request_id="{CORRELATION}"'])
def test_a_printed_correlation_is_found(kin: Callable[[str], Kinship], text: str) -> None:
    assert kin(text).correlation == (CORRELATION,)


@pytest.mark.parametrize("text", [f"user {CORRELATION}", "correlation 12", "correlation of events"])
def test_what_is_no_correlation(kin: Callable[[str], Kinship], text: str) -> None:
    assert kin(text).correlation == ()


def test_a_token_is_told_by_its_name_where_it_has_one(kin: Callable[[str], Kinship]) -> None:
    assert kin(f"refused {ASSERTION}").tokens == ("_a75adf55",)


def test_a_bearer_token_is_told_by_a_piece_that_cannot_be_used(kin: Callable[[str], Kinship]) -> None:
    (mark,) = kin(f"Bearer {JWT} refused").tokens
    assert mark in JWT
    assert len(mark) <= 24


def test_an_event_without_any(kin: Callable[[str], Kinship]) -> None:
    assert kin("nothing to see") == Kinship()
