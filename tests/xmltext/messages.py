"""Messages of our own for the tests of finding, laying out and recognising, and strategies that damage them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import FrameType
from xml.sax.saxutils import escape

from hypothesis import strategies as st

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

REQUEST = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">'
    '<s:Header><a:Action s:mustUnderstand="1">urn:orders/Place</a:Action><a:MessageID>urn:uuid:1111</a:MessageID>'
    "<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo><a:To>https://orders.example/svc</a:To>"
    f'<o:Security s:mustUnderstand="1" xmlns:o="{WSSE}"><u:Timestamp u:Id="_0" xmlns:u="{WSU}"><u:Created>2024-05-01T10:00:00.000Z</u:Created>'
    "<u:Expires>2024-05-01T10:05:00.000Z</u:Expires></u:Timestamp><o:UsernameToken><o:Username>anna</o:Username>"
    '<o:Password Type="urn:x#PasswordText">open sesame</o:Password></o:UsernameToken></o:Security></s:Header>'
    '<s:Body><Place xmlns="urn:orders"><number>17</number><note>5 &gt; 4 &amp; so on</note></Place></s:Body></s:Envelope>'
)
FAULT_11 = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/03/addressing"><soap:Header><wsa:Action>http://schemas.xmlsoap.org/ws/2004/03/addressing/fault</wsa:Action>'
    "<wsa:RelatesTo>uuid:2222</wsa:RelatesTo><wsa:RelatesTo>uuid:3333</wsa:RelatesTo></soap:Header>"
    f'<soap:Body><soap:Fault><faultcode xmlns:code="{WSSE}">code:FailedAuthentication</faultcode>'
    "<faultstring>Contoso.Security.SecurityFault: The token could not be checked\n"
    "   at Contoso.Security.Users.Check(Token token, Int32&amp;amp; count)\n"
    "   at System.Threading.Worker.Run()</faultstring><faultactor>http://orders.example/svc.ashx</faultactor>"
    '<detail><why xmlns="urn:d">no such user</why></detail></soap:Fault></soap:Body></soap:Envelope>'
)
FAULT_12 = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>'
    '<s:Value xmlns:a="http://schemas.xmlsoap.org/ws/2005/02/sc">a:BadContextToken</s:Value><s:Subcode><s:Value xmlns:x="urn:x">x:Idle</s:Value></s:Subcode>'
    '</s:Subcode></s:Code><s:Reason><s:Text xml:lang="de">abgelaufen</s:Text><s:Text xml:lang="en-GB">expired</s:Text></s:Reason>'
    "<s:Node>urn:node</s:Node><s:Role>urn:role</s:Role></s:Fault></s:Body></s:Envelope>"
)
MESSAGES = (REQUEST, FAULT_11, FAULT_12)

WRAPPINGS = {
    "raw": lambda xml: f"Refused: {xml}",
    "entities": lambda xml: f"Refused: {escape(xml)} end",
    "entities_twice": lambda xml: f"Refused: {escape(escape(xml))} end",
    "numeric_entities": lambda xml: "Refused: " + escape(xml).replace("&lt;", "&#60;").replace("&gt;", "&#x3E;"),
    "json": lambda xml: json.dumps({"level": "error", "body": xml}),
    "json_twice": lambda xml: json.dumps({"outer": json.dumps({"body": xml})}),
    "json_unicode": lambda xml: json.dumps({"body": xml}).replace("<", "\\u003c").replace(">", "\\u003E"),
    "entities_in_json": lambda xml: json.dumps({"body": escape(xml)}),
    "cdata": lambda xml: f"<log><message><![CDATA[{xml}]]></message></log>",
    "entities_in_xml": lambda xml: f"<Event><Data Name='Message'>{escape(xml)}</Data></Event>",
    "byte_order_mark": lambda xml: f"Refused: \ufeff{xml}",
    "html": lambda xml: (
        "<DIV><FONT face=x>Description:<BR>" + escape(xml).replace("=", '=</FONT><FONT face="Courier New">', 3) + "</FONT></DIV>"
    ),
}
"""How loggers carry XML: name to what they make of it."""

fragments = st.sampled_from(
    [
        "<", ">", "</", "/>", "<a", "<a>", "</a>", "<b x='1'>", '<b x="', "</b>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml ", "?>", "<!DOCTYPE a [",
        "<!ENTITY e 'x'>", "]>", "&lt;", "&amp;lt;", "&gt;", "&", "&#60;", "&#0;", "\\u003c", '\\"', '"', "'", "=", " ", "\n", "\t", "\r\n", "text", "\u00a0",
        "\x00", "\ufeff", "\ud800", "é", "s:Envelope", "<s:Envelope>", "</s:Envelope>", '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">', "<Fault>",
        "<faultstring>", "   at A.B.C(D e)", " ---> X.YException: z", "Caused by: ", 'File "x.py", line 3, in f', "Traceback (most recent call last):",
        "svc_1  | ", "{", "}", '{"a": ', "[", "password=secret", "Authorization: Bearer abcdefghijklmnop", "<BR>", "&nbsp;", *MESSAGES,
    ]
)  # fmt: skip
hostile = st.lists(fragments, max_size=40).map("".join)
"""Text put together from what scanners stumble over."""


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A message that was cut, or lost or gained a few characters, and then was wrapped."""
    text = draw(st.sampled_from(MESSAGES))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(fragments | st.just("")) + text[at + draw(st.integers(0, 30)) :]
    text = text[draw(st.sampled_from([0, 0, 7, 60, 300])) : draw(st.sampled_from([None, None, -1, -9, -200]))]
    return WRAPPINGS[draw(st.sampled_from(sorted(WRAPPINGS)))](text)


def operations(work: Callable[[str], object], text: str) -> int:
    """Calls into Python and C that a piece of work makes: what grows when it goes over its input again and again."""
    count = 0

    def counting(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counting)
    try:
        work(text)
    finally:
        sys.setprofile(None)
    return count
