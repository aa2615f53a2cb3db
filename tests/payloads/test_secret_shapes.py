"""Secrets in odd shapes are masked and redacted; words that look alike and hold none are left alone."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.payloads.secret_places import secret_places
from inspector.payloads.secret_shapes import shaped_places, wrapped_tokens
from inspector.report.redaction import Redactor
from tests.xmltext.messages import operations

SECRET = "Zx9-kQ7vLm2pWt4R"
BASIC = base64.b64encode(f"anna:{SECRET}".encode()).decode()
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm5hIiwiZXhwIjoxNzE2Mjg1ODk4fQ.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"

SHAPES = {
    "attribute": f'<add key="Db.Password" value="{SECRET}"/>',
    "attribute escaped": f"&lt;add name=&quot;ClientSecret&quot; value=&quot;{SECRET}&quot;/&gt;",
    "html field": f'<input type="password" name="pw" value="{SECRET}">',
    "key and value": f"<entry><key>password</key><value>{SECRET}</value></entry>",
    "cdata": f"<wsse:Password Type='x'><![CDATA[{SECRET}]]></wsse:Password>",
    "cdata escaped": f"&lt;Password&gt;&lt;![CDATA[{SECRET}]]&gt;&lt;/Password&gt;",
    "element on lines": f"<o:Password\n Type='x'>\n  {SECRET}\n</o:Password>",
    "element escaped twice": f"&amp;lt;Password&amp;gt;{SECRET}&amp;lt;/Password&amp;gt;",
    "switch": f"net use z: \\\\srv\\x --password {SECRET}",
    "switch with sign": f"svc.exe /user:anna /password:{SECRET}",
    "curl": f"curl -s -u anna:{SECRET} https://host.example/token",
    "percent encoded": f"next=%2Flogin%3Fuser%3Danna%26password%3D{SECRET}%26x%3D1",
    "connection string": f"Server=db;User Id=sa;Password={SECRET};Encrypt=true",
    "address": f"GET https://anna:{SECRET}@host.example/x",
    "storage address": f"https://acct.blob.core.windows.net/c?sv=2020&sig={SECRET}%3D&se=2024",
    "json in json": f'{{"body":"{{\\"password\\":\\"{SECRET}\\"}}"}}',
    "python": f"{{'password': '{SECRET}', 'user': 'x'}}",
    "ruby": f':password=>"{SECRET}"',
    "java": f"Credentials[user=anna, password={SECRET}]",
    "basic": f"Proxy-Authorization: Basic {BASIC}",
    "cookie": f"Set-Cookie: .ASPXAUTH={SECRET}; path=/; HttpOnly",
    "german": f"Kennwort: {SECRET}",
    "french": f"Mot de passe : {SECRET}",
    "spanish": f"Contraseña: {SECRET}",
    "portuguese": f"senha={SECRET}",
    "russian": f"Пароль: {SECRET}",
    "wrapped token": f"Authorization: Bearer {JWT[:60]}\r\n    {JWT[60:]}\r\nHost: x",
    "token wrapped twice": f"{JWT[:40]}\n{JWT[40:80]}\n{JWT[80:]} is not valid",
}


@pytest.mark.parametrize("name", SHAPES)
def test_odd_shapes_are_masked_and_redacted(name: str) -> None:
    text = SHAPES[name]
    left = "".join(
        text[end:start] for (_, end), (start, _) in zip([(0, 0), *secret_places(text)], [*secret_places(text), (len(text), 0)], strict=True)
    )
    for shown in (left, Redactor().redact(text)):
        assert SECRET not in shown
        assert BASIC not in shown
        assert JWT[90:] not in shown


@pytest.mark.parametrize(
    "text",
    [
        '<add key="Timeout" value="00:05:00"/>',
        "<key>colour</key><value>amber</value>",
        "<note><![CDATA[no secret here]]></note>",
        "the --token-file of --password-less logins",
        "curl -s https://host.example/u:x",
        "tokens%3D are counted elsewhere",
        "Das Kennwort ist falsch.",
        "Le mot de passe a expiré",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\nis the header of every token",
    ],
)
def test_what_looks_alike_stays(text: str) -> None:
    assert [*shaped_places(text, text.lower()), *wrapped_tokens(text)] == []


@given(
    st.lists(st.sampled_from([*SHAPES.values(), "\n", "password", "--password ", "%3D", "<key>", "value=", "eyJ", "<![CDATA["])).map(
        "".join
    )
)
def test_places_lie_in_the_text(text: str) -> None:
    for start, end in [*shaped_places(text, text.lower()), *wrapped_tokens(text)]:
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    "seed",
    [
        "<add key='password' ",
        "<Password>",
        "<![CDATA[",
        "--password ",
        "curl -u a",
        "password%3D",
        "eyJabcdefgh\n",
        "Kennwort:",
        "<key>password</key>",
    ],
)
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    first, second = (
        operations(lambda text: [*shaped_places(text, text.lower()), *wrapped_tokens(text)], seed * factor) for factor in (200, 400)
    )
    assert second < 2.7 * first + 2_000
