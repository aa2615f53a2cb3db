"""SAML assertions, responses and requests, as XML and in the coats they travel in."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from inspector.tokens import find_tokens
from tests.tokens.material import SAML, assertion, check, field, only, response, tokens_in

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
OLD = (
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" AssertionID="_old" Issuer="urn:sts"'
    ' IssueInstant="2026-01-31T10:21:49Z"><saml:Conditions NotBefore="2026-01-31T10:21:49Z" NotOnOrAfter="2026-01-31T11:21:49Z">'
    "<saml:AudienceRestrictionCondition><saml:Audience>urn:rp</saml:Audience></saml:AudienceRestrictionCondition></saml:Conditions>"
    '<saml:AuthenticationStatement AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password" AuthenticationInstant="2026-01-31T10:21:40Z">'
    "<saml:Subject><saml:NameIdentifier>alice</saml:NameIdentifier></saml:Subject></saml:AuthenticationStatement></saml:Assertion>"
)


def test_every_validity_of_an_assertion_is_a_window() -> None:
    token = only(tokens_in(assertion()))
    assert [(window.label, window.kind, window.not_before_name, window.not_after_name) for window in token.windows] == [
        ("SAML 2.0 Conditions", "token", "NotBefore", "NotOnOrAfter"),
        ("SAML SubjectConfirmationData", "token", "", "NotOnOrAfter"),
        ("SAML 2.0 sign-in", "authentication", "AuthnInstant", ""),
        ("SAML session", "session", "", "SessionNotOnOrAfter"),
    ]
    assert token.windows[3].not_after == datetime(2026, 1, 31, 18, 21, 49, tzinfo=UTC)
    assert (token.issuer, token.audience, token.subject, token.identity) == (
        "https://idp.example",
        ("https://sp.example",),
        "alice@example",
        "_a1",
    )
    assert field(token, "Attribute mail") == "alice@example"
    assert check(token, "signed")[0] == "not possible"


def test_saml_1_1() -> None:
    token = only(tokens_in(OLD))
    assert token.title == "SAML 1.1 assertion from urn:sts"
    assert (token.audience, token.subject, token.identity) == (("urn:rp",), "alice", "_old")
    assert [window.label for window in token.windows] == ["SAML 1.1 Conditions", "SAML 1.1 sign-in"]


def test_a_bound_has_its_place_in_the_text() -> None:
    xml = assertion()
    span = only(tokens_in(xml)).windows[0].not_after_span
    assert span is not None
    assert xml[span.start : span.end] == "2026-01-31T11:21:49Z"


def test_a_response_holds_its_assertion() -> None:
    token = only(tokens_in(response(assertion())))
    assert token.title == "SAML Response from https://idp.example"
    assert check(token, "status") == ("passed", "", "Success")
    assert only(token.inner).identity == "_a1"
    assert token.windows == token.inner[0].windows
    assert token.audience == ("https://sp.example",)


def test_nested_status_is_read_to_its_innermost() -> None:
    status = f'<samlp:StatusCode Value="{STATUS}Responder"><samlp:StatusCode Value="{STATUS}AuthnFailed"/></samlp:StatusCode><samlp:StatusMessage>Bad password</samlp:StatusMessage>'
    token = only(tokens_in(response("", status)))
    assert check(token, "status") == ("failed", "bad_credentials", "Responder / AuthnFailed: Bad password")
    assert token.title.endswith(": Responder / AuthnFailed")


def test_an_encrypted_assertion_is_said_to_be_so() -> None:
    encrypted = f'<saml:EncryptedAssertion xmlns:saml="{SAML}"><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"/></saml:EncryptedAssertion>'
    token = only(tokens_in(response(encrypted), "saml"))
    assert only(token.inner).title == "SAML 2.0 assertion, encrypted"
    assert check(token.inner[0], "lifetime")[0] == "not possible"


@pytest.mark.parametrize(
    ("xml", "outcome", "words"),
    [
        (assertion(end="2026-01-31 11:21"), "failed", "NotOnOrAfter '2026-01-31 11:21' is no xsd:dateTime"),
        (assertion(end="[PII is hidden]"), "not possible", "the log hides the value"),
        (assertion()[:900], "not possible", "the text ends, or is cut"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + assertion(), "failed", "declares a DTD"),
    ],
)
def test_form(xml: str, outcome: str, words: str) -> None:
    found = check(only(tokens_in(xml)), "format")
    assert found[0] == outcome
    assert words in found[2]


def test_bounds_the_wrong_way_round() -> None:
    assert check(only(tokens_in(assertion(end="2026-01-31T10:00:00Z"))), "lifetime")[:2] == ("failed", "malformed")


PLAIN = base64.b64encode(response(assertion()).encode()).decode()
DEFLATER = zlib.compressobj(9, zlib.DEFLATED, -15)
DEFLATED = base64.b64encode(DEFLATER.compress(response(assertion()).encode()) + DEFLATER.flush()).decode()
WRAPPED = "\n".join(PLAIN[start : start + 76] for start in range(0, len(PLAIN), 76))


@pytest.mark.parametrize(
    ("text", "coat"),
    [
        (f"SAMLResponse={quote(PLAIN, safe='')}&RelayState=x", "base64 SAMLResponse"),
        (f"POST /acs SAMLResponse={PLAIN}", "base64 SAMLResponse"),
        (f'<input type="hidden" name="SAMLResponse" value="{PLAIN}"/>', "base64 SAMLResponse"),
        (f'{{"SAMLResponse":"{PLAIN}"}}', "base64 SAMLResponse"),
        (f"GET /sso?SAMLRequest={quote(DEFLATED, safe='')}&x=1", "deflated base64 SAMLRequest"),
        (f"received {PLAIN} from idp", "base64"),
        (f"received:\n{WRAPPED}\nend of message", "base64"),
        (f"SAML message from the gateway: {DEFLATED} (relay state x)", "deflated base64"),
        (f"saml: {quote(DEFLATED, safe='')}", "deflated base64"),
        (f"wresult={quote(response(assertion()))}&wa=wsignin1.0", "URL-encoded XML"),
    ],
)
def test_found_in_every_coat(text: str, coat: str) -> None:
    token = only([one for one in find_tokens(text) if one.kind == "saml"])
    assert only(token.inner).identity == "_a1"
    assert token.title.endswith(f", {coat}")
    assert token.span.end > token.span.start + 100


def test_a_space_behind_percent_is_the_logs_doing() -> None:
    token = only([one for one in find_tokens("SAMLResponse=" + quote(PLAIN, safe="").replace("%", "% ")) if one.kind == "saml"])
    assert token.problems == ("the log put a space behind '%'; it was not sent so",)


def test_cut_base64_gives_what_is_there() -> None:
    token = only([one for one in find_tokens(f"SAMLResponse={PLAIN[:1501]}") if one.kind == "saml"])
    assert only(token.inner).windows[0].not_after == datetime(2026, 1, 31, 11, 21, 49, tzinfo=UTC)
    assert any("cut" in problem for problem in token.problems)


def test_inflating_is_bounded() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = bomb.compress(b"<samlp:Response>" + b" " * 60_000_000) + bomb.flush()
    assert len(find_tokens("SAMLRequest=" + quote(base64.b64encode(data).decode(), safe=""))) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "SAMLResponse=" + "A" * 200,
        "SAML " + "fZJ" * 60,
        "SAML " + "QUJD" * 60,
        "SAML a." + "VY7B" * 60,
        "the word PHN is no base64",
        "PHJvb3Q+" * 20,
        '<Response xmlns="urn:shop"><Assertion/></Response>',
    ],
)
def test_near_misses(text: str) -> None:
    assert [one for one in tokens_in(text) if one.kind == "saml"] == []
