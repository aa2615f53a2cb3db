"""Security contexts, derived keys, references and the lifetimes of WS-Trust."""

from __future__ import annotations

import pytest

from tests.tokens.material import check, envelope, field, only, tokens_in

WSC = "http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512"
WST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
LIFETIME = "<wst:Lifetime><wsu:Created>2026-01-31T10:21:49Z</wsu:Created><wsu:Expires>2026-01-31T20:21:49Z</wsu:Expires></wst:Lifetime>"


def test_security_context() -> None:
    token = only(
        tokens_in(
            envelope(
                f'<wsc:SecurityContextToken xmlns:wsc="{WSC}" wsu:Id="S-1"><wsc:Identifier>urn:uuid:7</wsc:Identifier><c:Cookie xmlns:c="urn:c">AAAA</c:Cookie></wsc:SecurityContextToken>'
            )
        )
    )
    assert (token.kind, token.identity) == ("security_context", "urn:uuid:7")
    assert [one.name for one in token.fields if one.secret] == ["Cookie"]
    assert check(token, "lifetime")[0] == "not possible"


def test_derived_key_names_its_source() -> None:
    xml = (
        f'<wsc:SecurityContextToken xmlns:wsc="{WSC}" wsu:Id="S-1"><wsc:Identifier>urn:uuid:7</wsc:Identifier></wsc:SecurityContextToken>'
        f'<wsc:DerivedKeyToken xmlns:wsc="{WSC}" wsu:Id="D-1"><wsse:SecurityTokenReference><wsse:Reference URI="#S-1"/></wsse:SecurityTokenReference>'
        "<wsc:Offset>0</wsc:Offset><wsc:Length>24</wsc:Length><wsc:Nonce>bm9uY2U=</wsc:Nonce></wsc:DerivedKeyToken>"
    )
    token = only(tokens_in(envelope(xml), "derived_key"))
    assert token.title == "DerivedKeyToken of the SecurityContextToken of this message"
    assert field(token, "Length") == "24"
    assert [one.name for one in token.fields if one.secret] == ["Nonce"]
    assert tokens_in(envelope(xml), "reference") == []


@pytest.mark.parametrize(("uri", "outcome", "cause"), [("#T-1", "passed", ""), ("#gone", "failed", "malformed")])
def test_reference(uri: str, outcome: str, cause: str) -> None:
    xml = f'<x wsu:Id="T-1"/><wsse:SecurityTokenReference><wsse:Reference URI="{uri}"/></wsse:SecurityTokenReference>'
    assert check(only(tokens_in(envelope(xml), "reference")), "reference")[:2] == (outcome, cause)


def test_lifetime_granted_is_a_window_and_asked_for_is_not() -> None:
    granted = f'<wst:RequestSecurityTokenResponse xmlns:wst="{WST}">{LIFETIME}</wst:RequestSecurityTokenResponse>'
    token = only(tokens_in(envelope("", granted)))
    assert check(token, "lifetime") == ("passed", "", "10 h granted")
    assert token.windows[0].label == "lifetime granted (WS-Trust)"
    asked = f'<wst:RequestSecurityToken xmlns:wst="{WST}">{LIFETIME}</wst:RequestSecurityToken>'
    assert only(tokens_in(envelope("", asked))).windows == ()


def test_near_miss() -> None:
    assert tokens_in("<warranty><Lifetime>10 years</Lifetime></warranty>") == []
