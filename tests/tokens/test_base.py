"""What is secret stays out of the default rendering of every model."""

from __future__ import annotations

from inspector.payloads import inspect
from inspector.tokens.base import Field, Trust

MESSAGE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
    '<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><o:UsernameToken>'
    "<o:Username>alice</o:Username><o:Password>S3cr3t-pw-01</o:Password><o:Nonce>q83vEjRWeJA=</o:Nonce></o:UsernameToken></o:Security>"
    "</s:Header><s:Body/></s:Envelope>"
)


def test_a_secret_field_shows_its_length_only() -> None:
    assert "hunter2" not in repr(Field("Password", "hunter2", secret=True))
    assert "<7 characters>" in repr(Field("Password", "hunter2", secret=True))
    assert "alice" in repr(Field("Username", "alice"))


def test_supplied_secrets_are_not_shown() -> None:
    assert "hunter2" not in repr(Trust(secrets=(b"hunter2",), passwords={"alice": "hunter2"}))


def test_no_model_of_a_message_shows_its_secrets() -> None:
    contents = inspect(MESSAGE)
    assert contents.payloads
    assert contents.tokens
    shown = repr(contents)
    assert "alice" in shown
    assert "S3cr3t-pw-01" not in shown
    assert "q83vEjRWeJA=" not in shown
