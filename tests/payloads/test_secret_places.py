"""Places of secrets: each kind found, each near miss left in clear."""

from __future__ import annotations

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.payloads.secret_places import secret_places
from tests.xmltext.messages import hostile, operations

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
BASIC = base64.b64encode(b"anna:open sesame").decode()


def secrets(text: str) -> list[str]:
    return [text[start:end] for start, end in secret_places(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<wsse:Password Type='x'>hunter2</wsse:Password>", ["hunter2"]),
        ("<Password>  hunter2\n</Password>", ["hunter2"]),
        ("&lt;o:Nonce&gt;bm9uY2U=&lt;/o:Nonce&gt;", ["bm9uY2U="]),
        ("<ds:SignatureValue>abc\ndef</ds:SignatureValue>", ["abc\ndef"]),
        ("<xenc:CipherValue>AAAA</xenc:CipherValue><t:BinarySecret>BBBB</t:BinarySecret>", ["AAAA", "BBBB"]),
        ("<BinarySecurityToken ValueType='...#Kerberosv5_AP_REQ'>YII</BinarySecurityToken>", ["YII"]),
        (f"Authorization: Bearer {JWT}", [JWT]),
        (f"token was {JWT}.", [JWT + "."]),
        (f"Authorization: Basic {BASIC}", [BASIC]),
        (f"JWT is not well formed: '{BASIC}'.", [BASIC]),
        ("client_id=x&client_secret=s3cr3t&scope=y", ["s3cr3t"]),
        ('{"client_secret": "s3cr3t", "user": "anna"}', ["s3cr3t"]),
        ('{\\"refresh_token\\": \\"0.AX\\"}', ["0.AX"]),
        ("Server=db;User Id=sa;Password=p w;Database=x", ["p"]),
        ("aws_secret_access_key = wJalrXUtnFEMI", ["wJalrXUtnFEMI"]),
        ("X-Amz-Security-Token: FwoGZXIvYXdz", ["FwoGZXIvYXdz"]),
        ("Set-Cookie: MSISAuth=AAEAA; path=/; secure", ["AAEAA"]),
        ("https://anna:hunter2@db.example/x", ["hunter2"]),
        ("https://x.example/cb?code=0.AbCdEfGhIj&state=1", ["0.AbCdEfGhIj"]),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", ["\nMIIE\n"]),
        ("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/x, Signature=" + "a1" * 32, ["a1" * 32]),
    ],
)  # fmt: skip
def test_secrets_are_found(text: str, expected: list[str]) -> None:
    assert secrets(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<wsse:Username>anna</wsse:Username>",
        "<BinarySecurityToken ValueType='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3'>MIIC</BinarySecurityToken>",
        "<Password/>",
        "The password was wrong. The token is expired.",
        "IDX10223: Lifetime validation failed. ValidTo: '11/01/2017 14:28:42'",
        "SecurityTokenManager.GetTokenFromXml(XmlElement element)",
        "Status code: 401",
        "AKIAIOSFODNN7EXAMPLE",
        "",
    ],
)
def test_what_is_no_secret_stays_in_clear(text: str) -> None:
    assert secrets(text) == []


@given(hostile | st.text())
def test_places_are_in_order_and_apart(text: str) -> None:
    places = secret_places(text)
    assert all(start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(places))


@pytest.mark.parametrize("seed", ["password=", "token", "key:", "<Password>", "Bearer ", "Cookie: a=b;", "eyJabcdefgh.", "http://a:b", "my.password", "-----BEGIN PRIVATE KEY-----", "'", "a.b-"])  # fmt: skip
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    first, second = (operations(secret_places, seed * factor) for factor in (100, 200))
    assert second < 2.7 * first + 1000
