"""Credentials in headers, parameters and cookies."""

from __future__ import annotations

import base64
import struct

import pytest

from inspector.tokens import find_tokens
from tests.tokens.material import jws, only
from tests.tokens.test_binary_security_token import ap_req

OPAQUE = "2YotnFZFEjr1zCsicMWpAA"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Authorization: Bearer {OPAQUE}", "Opaque bearer token"),
        (f'"authorization": "Bearer {OPAQUE}"', "Opaque bearer token"),
        (f"access_token={OPAQUE}&x=1", "Access token, opaque"),
        (f'{{"refresh_token":"{OPAQUE}"}}', "Refresh token, opaque"),
        (f'{{\\"client_secret\\":\\"{OPAQUE}\\"}}', "Client secret, opaque"),
        (f"Cookie: FedAuth={OPAQUE}; a=b", "Cookie FedAuth"),
    ],
)
def test_opaque_is_said_to_be_opaque_and_kept_secret(text: str, title: str) -> None:
    token = only(find_tokens(text))
    assert token.title == title
    assert text[token.span.start : token.span.end] == OPAQUE
    assert [one.value for one in token.fields if one.secret] == [OPAQUE]
    assert OPAQUE not in token.identity


def test_equal_secrets_have_equal_identities() -> None:
    one, other = (only(find_tokens(text)) for text in (f"Authorization: Bearer {OPAQUE}", f"access_token={OPAQUE}"))
    assert one.identity == other.identity


def test_basic_credentials_give_the_user_only() -> None:
    token = only(find_tokens("Authorization: Basic " + base64.b64encode("alice:pässword".encode()).decode()))
    assert token.subject == "alice"
    assert {one.name for one in token.fields if one.secret} == {"Password", "Header value"}


def test_kerberos_and_ntlm_in_negotiate() -> None:
    assert only(find_tokens("Authorization: Negotiate " + base64.b64encode(ap_req()).decode())).audience == ("HTTP/sp.example",)
    names = [("EXAMPLE", 64), ("alice", 78), ("PC7", 88)]
    body = "".join(name for name, _ in names).encode("utf-16-le")
    places = b"".join(struct.pack("<HHI", 2 * len(name), 2 * len(name), at) for name, at in names)
    message = b"NTLMSSP\0" + struct.pack("<I", 3) + b"\0" * 16 + places + b"\0" * 8 + struct.pack("<I", 1) + body
    token = only(find_tokens("Authorization: NTLM " + base64.b64encode(message).decode()))
    assert token.title == "NTLM authenticate message of EXAMPLE\\alice"


def test_hidden_value_is_the_logs_doing() -> None:
    token = only(find_tokens("client_secret=********"))
    assert token.problems == ("the log hides the value ('********')",)


@pytest.mark.parametrize(
    "text",
    [
        "WWW-Authenticate: Bearer authorization_uri is missing",
        "the bearer of this letter",
        "Basic understanding of things",
        "basic YWJjZGVmZ2hpag==",
        "access_token=null",
        "Bearer token validation failed",
        "Negotiate the price",
    ],
)
def test_near_misses(text: str) -> None:
    assert find_tokens(text) == ()


def test_a_jwt_is_left_to_its_own_kind() -> None:
    assert [token.kind for token in find_tokens(f"Authorization: Bearer {jws()}")] == ["jwt"]
