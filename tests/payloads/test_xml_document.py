"""XML that is no SOAP message."""

from __future__ import annotations

import pytest

from inspector.payloads.xml_document import Xml, XmlDocument
from inspector.tokens.base import Span
from inspector.xmltext import find_xml
from tests.xmltext.messages import REQUEST


def documents(text: str, claimed: frozenset[Span] = frozenset()) -> list[XmlDocument]:
    return [payload for payload in Xml().find(text, find_xml(text), claimed) if isinstance(payload, XmlDocument)]


@pytest.mark.parametrize(
    ("text", "title", "code"),
    [
        ('<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>x</Message></Error>', "XML Error ExpiredToken", "ExpiredToken"),
        (
            "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code></Error></ErrorResponse>",
            "XML ErrorResponse InvalidClientTokenId",
            "InvalidClientTokenId",
        ),
        ('<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"/>', "SAML 2.0 Assertion", ""),
        ('<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System/></Event>', "Windows Event", ""),
        ("<order id='1'><Code>7</Code></order>", "XML order", ""),
    ],
)
def test_what_it_is_called(text: str, title: str, code: str) -> None:
    (found,) = documents("got " + text)
    assert (found.title, found.code) == (title, code)
    assert ("got " + text)[found.span.start : found.span.end] == text


def test_what_another_kind_has_claimed_is_not_told_again() -> None:
    assert documents(REQUEST, frozenset({Span(0, len(REQUEST))})) == []
    assert len(documents(REQUEST)) == 1


def test_a_document_type_declaration_is_refused_and_the_rest_read() -> None:
    text = (
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]><r><v>&b;&x;</v><w>kept</w></r>'
    )
    (found,) = documents(text)
    assert not found.well_formed
    assert found.root == "r"
    assert any("document type declaration" in problem for problem in found.problems)
    assert "root:" not in found.pretty
    assert "<w>kept</w>" in found.pretty


def test_secrets_in_the_layout_are_marked() -> None:
    (found,) = documents('<q:Login xmlns:q="u"><q:Password>hunter2</q:Password><q:user>anna</q:user></q:Login>')
    assert [found.pretty[one.start : one.end] for one in found.secrets] == ["hunter2"]


def test_where_it_breaks_is_marked_in_the_layout() -> None:
    (found,) = documents('<q:a xmlns:q="u"><q:b>1</q:c></q:a>')
    assert found.break_at is not None
    assert found.pretty[found.break_at :].startswith("</q:c>")
