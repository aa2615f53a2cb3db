"""Stack traces of every language: exceptions, causes, frames, whose they are, and what was cut, reversed or put on one line."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from inspector.payloads.stack_trace import StackTrace, StackTraces
from inspector.payloads.traces import python
from inspector.payloads.traces.model import Link
from inspector.payloads.traces.ownership import is_own
from inspector.xmltext import find_xml
from tests.xmltext.messages import FAULT_11, WRAPPINGS, operations


def traces(text: str) -> list[StackTrace]:
    found = StackTraces().find(text, find_xml(text), frozenset())
    return [payload for payload in found if isinstance(payload, StackTrace)]


def trace(text: str) -> StackTrace:
    (found,) = traces(text)
    return found


def told(found: StackTrace) -> list[tuple[str, str, int]]:
    """Innermost first: type, first line of the message, number of frames."""
    return [(one.type, one.message.split("\n")[0], len(one.frames)) for one in found.exceptions]


@dataclass(frozen=True)
class Sample:
    language: str
    text: str
    exceptions: list[tuple[str, str, int]]
    top: str
    own: int
    """Frames of the program itself."""


SAMPLES = {
    "dotnet": Sample(
        "dotnet",
        "fail: Host[13]\n      Contoso.OuterException: outer said\n       ---> System.AggregateException: One or more errors occurred. (inner)\n"
        "       ---> System.Net.Http.HttpRequestException: inner\n         at System.Net.Http.HttpClient.Send(Request r) in /src/Client.cs:line 42\n"
        "         --- End of inner exception stack trace ---\n         at Contoso.Orders.Get(List`1 a, String& b) in C:\\new dir\\Orders.cs:line 7\n"
        "      --- End of stack trace from previous location ---\n         at Contoso.Orders.<Run>d__3.MoveNext()\n"
        "         --- End of inner exception stack trace ---\n         at Contoso.Program.<Main>$(String[] args)\ninfo: next",
        [("System.Net.Http.HttpRequestException", "inner", 1), ("System.AggregateException", "One or more errors occurred. (inner)", 2),
         ("Contoso.OuterException", "outer said", 1)],
        "System.Net.Http.HttpClient.Send(Request r)", 3,
    ),
    "dotnet_framework": Sample(
        "dotnet",
        "System.Exception: a ---> System.ArgumentException: b\r\nParameter name: p ---> System.IO.IOException: c\r\n   at X.C()\r\n"
        "   --- End of inner exception stack trace ---\r\n   at X.B()\r\n   --- End of inner exception stack trace ---\r\n   at X.A()",
        [("System.IO.IOException", "c", 1), ("System.ArgumentException", "b", 1), ("System.Exception", "a", 1)], "X.C()", 3,
    ),
    "dotnet_german": Sample(
        "dotnet",
        "System.InvalidOperationException: Fehler. ---> System.Exception: innen\r\n   bei Contoso.A.B(String s) in C:\\x\\A.cs:Zeile 12.\r\n"
        "   --- Ende der internen Ausnahmestapelüberwachung ---\r\n   bei Contoso.A.C()",
        [("System.Exception", "innen", 1), ("System.InvalidOperationException", "Fehler.", 1)], "Contoso.A.B(String s)", 2,
    ),
    "dotnet_french": Sample("dotnet", "System.Exception: Erreur\r\n   à Contoso.A.B(String s) dans C:\\x\\A.cs:ligne 12\r\n   à System.X.Y()",
                            [("System.Exception", "Erreur", 2)], "Contoso.A.B(String s)", 1),
    "dotnet_spanish": Sample("dotnet", "System.Exception: Error\r\n   en Contoso.A.B(String s) en C:\\x\\A.cs:línea 12", [("System.Exception", "Error", 1)],
                             "Contoso.A.B(String s)", 1),
    "dotnet_russian": Sample("dotnet", "System.Exception: Ошибка\r\n   в Contoso.A.B(String s) в C:\\x\\A.cs:строка 12", [("System.Exception", "Ошибка", 1)],
                             "Contoso.A.B(String s)", 1),
    "dotnet_italian": Sample("dotnet", "System.Exception: Errore\r\n   in Contoso.A.B(String s) in C:\\x\\A.cs:riga 12\r\n   in System.X.Z()",
                             [("System.Exception", "Errore", 2)], "Contoso.A.B(String s)", 1),
    "dotnet_on_one_line": Sample(
        "dotnet",
        "Error: System.Exception: outer ---> System.IO.FileNotFoundException: gone    at A.B.C(String x) in C:\\a b\\c.cs:line 3    at A.B.D()"
        "    --- End of inner exception stack trace ---    at A.E.F()",
        [("System.IO.FileNotFoundException", "gone", 2), ("System.Exception", "outer", 1)], "A.B.C(String x)", 3,
    ),
    "error_page": Sample(
        "dotnet",
        "Stack Trace:\n\n[TokenException: ID1: no]\n\n   Contoso.Handlers.Token.Create(Token t) +739\n\n   Contoso.Handlers.Token.Check(Token t, Boolean b) +62",
        [("TokenException", "ID1: no", 2)], "Contoso.Handlers.Token.Create(Token t) +739", 2,
    ),
    "java": Sample(
        "java",
        'Exception in thread "main" java.lang.IllegalStateException: no title\n\tat com.example.Author.get(Author.java:38)\n'
        "\tat java.base/java.lang.Thread.run(Thread.java:829)\n\tSuppressed: java.io.IOException: close failed\n\t\tat com.example.Res.close(Res.java:3)\n"
        "\t\t... 2 more\nCaused by: java.lang.NullPointerException\n\tat com.example.Book.get(Book.java:22) ~[app.jar:1.0]\n\t... 1 common frames omitted\n"
        "Caused by: com.example.Deep$Inner: bottom\n\tat com.example.Book.x(Unknown Source)\n\tat sun.reflect.N.invoke0(Native Method)\n2024-01-01 next",
        [("com.example.Deep$Inner", "bottom", 2), ("java.lang.NullPointerException", "", 1), ("java.lang.IllegalStateException", "no title", 2),
         ("java.io.IOException", "close failed", 1)],
        "com.example.Author.get(Author.java:38)", 4,
    ),
    "java_nested": Sample(
        "java",
        "org.acme.RemoteFault: refused; nested exception is: \n\tjava.security.cert.CertificateExpiredException: NotAfter: Mon\n\tat org.acme.A.b(A.java:1)\n"
        "Caused by: java.security.cert.CertificateExpiredException: NotAfter: Mon\n\tat sun.security.X.check(X.java:2)\n",
        [("java.security.cert.CertificateExpiredException", "NotAfter: Mon", 1), ("org.acme.RemoteFault", "refused", 1)], "org.acme.A.b(A.java:1)", 1,
    ),
    "java_nested_on_one_line": Sample(
        "exception", "org.acme.RemoteFault: refused; nested exception is: java.security.cert.CertificateExpiredException: NotAfter: Mon",
        [("java.security.cert.CertificateExpiredException", "NotAfter: Mon", 0), ("org.acme.RemoteFault", "refused", 0)], "", 0,
    ),
    "python": Sample(
        "python",
        'ERROR:root:boom\nTraceback (most recent call last):\n  File "/app/a.py", line 3, in f\n    g()\n    ^^^\n'
        '  File "/usr/lib/python3.11/json/decoder.py", line 5, in decode\n    raise ValueError("x")\nValueError: x\n\n'
        "The above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n"
        '  File "/app/b.py", line 9, in <module>\n    f()\napp.errors.TokenError: wrapped\nnote: ask anna\nINFO:root:next',
        [("ValueError", "x", 2), ("app.errors.TokenError", "wrapped", 1)], "/usr/lib/python3.11/json/decoder.py:5 in decode", 2,
    ),
    "python_frozen": Sample(
        "python", 'Traceback (most recent call last):\n  File "runpy", line 196, in _run\n  File "app.login", line 7, in run\napp.BadToken: no\n',
        [("app.BadToken", "no", 2)], "app.login:7 in run", 1,
    ),
    "python_reversed": Sample(
        "python",
        'jwt.exceptions.ExpiredSignatureError: Signature has expired\n    raise ExpiredSignatureError("Signature has expired")\n'
        '  File "/app/token.py", line 12, in _validate\n    self._validate(payload)\n  File "/app/main.py", line 3, in login\nTraceback (most recent call last):',
        [("jwt.exceptions.ExpiredSignatureError", "Signature has expired", 2)], "/app/token.py:12 in _validate", 2,
    ),
    "javascript": Sample(
        "javascript",
        "TypeError: Cannot read x\n    at new Foo (/app/src/foo.js:10:5)\n    at async Promise.all (index 0)\n    at Object.<anonymous> (/app/node_modules/e/a.js:1:2)\n"
        "    at node:internal/main:23:47\n    at /app/src/bar.js:3:4 {\n  [cause]: Error: inner problem\n      at inner (/app/src/inner.js:1:1)\n}",
        [("Error", "inner problem", 1), ("TypeError", "Cannot read x", 5)], "/app/src/foo.js:10 new Foo", 3,
    ),
    "javascript_firefox": Sample(
        "javascript", "ReferenceError: x is not defined\nfoo@https://a.example/js/app.js:10:5\n@https://a.example/js/app.js:1:1\n",
        [("ReferenceError", "x is not defined", 2)], "foo@https://a.example/js/app.js:10:5", 2,
    ),
    "react_native": Sample(
        "javascript",
        "{ [Error: too early]\nnativeStackAndroid:\n [ { methodName: 'parse', lineNumber: 407, file: 'Parser.java' },\n   { methodName: 'invoke', lineNumber: -2, file: 'Method.java' },",
        [("Error", "too early", 2)], "Parser.parse:407", 2,
    ),
    "php": Sample(
        "php",
        "PHP Fatal error:  Uncaught Firebase\\JWT\\ExpiredException: Expired token in /var/www/vendor/firebase/JWT.php:164\nStack trace:\n"
        "#0 /var/www/app/Auth.php(33): Firebase\\JWT\\JWT::decode('x', Object(Key))\n#1 [internal function]: App\\Auth->check()\n#2 {main}\n\n"
        "Next App\\AuthException: not allowed in /var/www/app/Auth.php:40\nStack trace:\n#0 /var/www/index.php(3): App\\Auth->login()\n#1 {main}\n  thrown in /var/www/app/Auth.php on line 40",
        [("Firebase\\JWT\\ExpiredException", "Expired token", 3), ("App\\AuthException", "not allowed", 2)], "/var/www/vendor/firebase/JWT.php:164", 2,
    ),
    "php_5": Sample(
        "php",
        "Fatal error: Uncaught exception 'Acme\\OuterException' with message 'sent \"x\" - <Error/>' exception 'Acme\\InnerException' with message 'Client error: 403' "
        "in /srv/acme/Middleware.php:68 Stack trace: #0 /srv/acme/Promi in /srv/acme/Handler.php on line 152",
        [("Acme\\InnerException", "Client error: 403", 1), ("Acme\\OuterException", 'sent "x" - <Error/>', 0)], "/srv/acme/Middleware.php:68", 1,
    ),
    "go": Sample(
        "go",
        "http: panic serving 1.2.3.4:5: token is expired\ngoroutine 19 [running]:\nnet/http.(*conn).serve.func1()\n\t/usr/local/go/src/net/http/server.go:1850 +0xbf\n"
        "panic({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:890 +0x262\nmain.(*Server).Handle(0xc000, {0x1, 0x2})\n\t/app/server.go:33 +0x1d\n"
        "created by main.main\n\t/app/main.go:3 +0x22",
        [("panic", "token is expired", 4)], "/app/server.go:33 main.(*Server).Handle", 2,
    ),
    "ruby": Sample(
        "ruby",
        "/app/lib/token.rb:12:in `verify': Signature has expired (JWT::ExpiredSignature)\n\tfrom /usr/lib/ruby/gems/3.0/gems/rack/lib/rack.rb:3:in `call'\n"
        "/app/lib/key.rb:3:in 'load': no key (KeyError)\n\tfrom /app/lib/token.rb:10:in `verify'\n",
        [("KeyError", "no key", 2), ("JWT::ExpiredSignature", "Signature has expired", 2)], "/app/lib/key.rb:3 load", 3,
    ),
    "rails": Sample("ruby", "JWT::ExpiredSignature (Signature has expired):\n  app/controllers/a.rb:12:in `show'\n  app/controllers/b.rb:1:in `x'\n",
                    [("JWT::ExpiredSignature", "Signature has expired", 2)], "app/controllers/a.rb:12 show", 2),
    "websphere": Sample(
        "java",
        'I FFDC1015I: An FFDC Incident has been created: "org.acme.SecurityException: An error happened: "replay" com.acme.Interceptor 391" at ffdc_1.log',
        [("org.acme.SecurityException", 'An error happened: "replay"', 1)], "com.acme.Interceptor:391", 1,
    ),
    "named_only": Sample("exception", "2024-05-01 ERROR Login - Acme.Tokens.MalformedTokenException: ID7: not well formed: 'x'",
                         [("Acme.Tokens.MalformedTokenException", "ID7: not well formed: 'x'", 0)], "", 0),
    "ruby_named_only": Sample("exception", "[17:39:33] ERROR: Acme::Api::RequestError: Forbidden - expired", [("Acme::Api::RequestError", "Forbidden - expired", 0)], "", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str) -> None:
    sample = SAMPLES[name]
    found = trace(sample.text)
    assert told(found) == sample.exceptions
    assert (found.top_frame.text if found.top_frame else "") == sample.top
    assert found.language == sample.language
    assert sum(frame.own for one in found.exceptions for frame in one.frames) == sample.own
    assert [one.innermost for one in found.exceptions] == [True] + [False] * (len(found.exceptions) - 1)
    assert found.reversed == name.endswith("reversed")
    for one in found.exceptions:
        assert one.type in sample.text[one.span.start : one.span.end] or one.type == "panic"
        for frame in one.frames:
            shown = sample.text[frame.span.start : frame.span.end]
            assert frame.file.split("/")[-1] in shown
            assert frame.symbol.split("(")[0] in shown


@pytest.mark.parametrize("name", SAMPLES)
def test_the_layout_has_one_line_for_each_exception_and_each_frame(name: str) -> None:
    found = trace(SAMPLES[name].text)
    lines = found.pretty.split("\n")
    for one in found.exceptions:
        assert any(one.type in line for line in lines)
        for frame in one.frames:
            assert (
                sum(
                    frame.symbol.split("(")[0] in line and (frame.place in line or frame.file in line or frame.text in line)
                    for line in lines
                )
                >= 1
            )


@pytest.mark.parametrize(
    "text",
    [
        "The meeting at Foo.Bar(x) was fine. See MyException for details; at 5 (noon).",
        "An error occurred. Errors: 3. Exception handling is on.",
        "ErrorHandler: ready, ExceptionFilter: on, no Error here",
        "Source: Microsoft-Windows-Kernel-General\nEvent ID: 1\nAt the door (main).",
        "",
    ],
)
def test_what_only_sounds_like_a_trace(text: str) -> None:
    assert traces(text) == []


def test_links_between_exceptions() -> None:
    assert [one.link for one in trace(SAMPLES["java"].text).exceptions] == [Link.CAUSE, Link.CAUSE, Link.THROWN, Link.SUPPRESSED]
    assert [one.depth for one in trace(SAMPLES["dotnet"].text).exceptions] == [2, 1, 0]
    during = SAMPLES["python"].text.replace(
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
    )
    assert [one.link for one in trace(during).exceptions] == [Link.CONTEXT, Link.THROWN]
    found = trace(SAMPLES["java"].text)
    assert [one.omitted for one in found.exceptions] == [0, 1, 0, 2]
    assert found.innermost is found.exceptions[0]
    assert found.outermost is found.exceptions[2]


def test_a_reversed_dotnet_trace_is_said_to_be_reversed() -> None:
    found = trace("   at A.B.Outer()\n   at A.B.Inner(String x)\nSystem.Exception: bad")
    assert found.reversed
    assert any("reverse" in problem for problem in found.problems)
    assert found.top_frame is not None
    assert found.top_frame.symbol == "A.B.Inner(String x)"


@pytest.mark.parametrize(
    "text",
    [
        "org.acme.SamlException: too old\n        at org.acme.web.ConsumerImpl.processResponse(ConsumerI",
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n  File "b.py", line 2, in g\n',
        "CoreWCF.SecurityException: failed.\n ---> CoreWCF.FaultException: Unknown Username or Incorrect Passw",
    ],
)
def test_a_cut_trace_is_said_to_be_cut(text: str) -> None:
    found = trace(text)
    assert found.cut
    assert any("cut" in problem for problem in found.problems)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_the_trace_inside_a_fault_is_a_payload_of_its_own(wrapping: str) -> None:
    text = WRAPPINGS[wrapping](FAULT_11)
    found = trace(text)
    assert told(found) == [("Contoso.Security.SecurityFault", "The token could not be checked", 2)]
    assert found.top_frame is not None
    assert found.top_frame.symbol == "Contoso.Security.Users.Check(Token token, Int32& count)", "escapes undone"
    assert "Contoso.Security.SecurityFault" in text[found.span.start : found.span.end]
    place = found.top_frame.span
    assert "Contoso.Security.Users.Check" in text[place.start : place.end]


@pytest.mark.parametrize("name", ["dotnet_framework", "java"])
def test_a_trace_in_a_json_string_is_read_although_its_line_breaks_are_escaped(name: str) -> None:
    sample = SAMPLES[name]
    found = traces(json.dumps({"level": "error", "exception": sample.text}))[0]
    assert [one.type for one in found.exceptions] == [one[0] for one in sample.exceptions]
    assert found.top_frame is not None
    assert found.top_frame.text == sample.top


@pytest.mark.parametrize("prefix", ["web_1  | ", "2023-01-09T14:06:14.7761493Z ##[debug]"])
def test_the_prefix_of_a_log_driver_on_every_line_does_no_harm(prefix: str) -> None:
    text = "\n".join(prefix + line for line in SAMPLES["dotnet_framework"].text.split("\r\n"))
    assert told(trace(text)) == SAMPLES["dotnet_framework"].exceptions


def test_the_same_exception_printed_before_its_trace_is_told_once() -> None:
    text = "ERROR - Acme.BadException: no\nAcme.BadException: no\n   at Acme.A.B()\n"
    assert told(trace(text)) == [("Acme.BadException", "no", 1)]


@pytest.mark.parametrize(
    ("symbol", "file", "own"),
    [
        ("System.Threading.Worker.Run()", "", False),
        ("SystemX.Worker.Run()", "", True),
        ("java.base/java.lang.Thread.run", "Thread.java", False),
        ("com.acme.Login.run", "Login.java", True),
        ("decode", "/usr/lib/python3/dist-packages/jwt/api.py", False),
        ("login", "/srv/app/login.py", True),
        ("Request.send", "/srv/app/node_modules/aws-sdk/request.js", False),
    ],
)
def test_own_frames_and_those_of_frameworks(symbol: str, file: str, own: bool) -> None:
    assert is_own(symbol, file) is own


SEEDS = (*(sample.text for sample in SAMPLES.values()), "   at A.B.C(D e)\n", " at A.B.C(", " ---> X.YException: z", "Caused by: x\n", "a.b.CException: m\n", "Error: ",
         '  File "x.py", line 3, in f\n', "Traceback (most recent call last):\n", "#0 /a/b.php(1): f()\n", "a.b.c.d.", "at a.", "((((", "--- x ---\n")  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    first, second = (operations(traces, seed * factor) for factor in (40, 80))
    assert second < 2.7 * first + 4000


def test_an_error_page_names_the_type_in_full_only_once() -> None:
    text = f"Exception Details: Contoso.Tokens.TokenException: ID1: no\n\n{SAMPLES['error_page'].text}"
    assert told(trace(text)) == [("Contoso.Tokens.TokenException", "ID1: no", 2)]


def test_angle_brackets_of_names_and_generic_types_do_not_end_a_trace_in_xml() -> None:
    frames = [
        "   at A.B.<Get>d__2.MoveNext()",
        "   at A.B+<>c__D.<Run>b__0(List`1<String> x)",
        "   at A.C(Dictionary<String, Object> d)",
        "   at A.D()",
    ]
    found = trace(f"<q:f xmlns:q='u'><q:text>A.BException: no\n{chr(10).join(frames)}</q:text><q:next/></q:f>")
    assert [frame.text for frame in found.exceptions[0].frames] == [frame.strip().removeprefix("at ") for frame in frames]
    assert not found.cut


def test_a_message_that_quotes_xml_goes_on_behind_it() -> None:
    quoted = "<Error><Code>Gone</Code></Error>"
    text = f"Acme.BadException: got {quoted} from there\n   at Acme.A.B()\n"
    found = trace(text)
    assert told(found) == [("Acme.BadException", "got <…> from there", 1)]
    frame = found.exceptions[0].frames[0]
    assert text[frame.span.start : frame.span.end] == "at Acme.A.B()"
    assert text[found.span.start : found.span.end] == text.strip()


GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/app/main.py", line 7, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/tokens.py", line 30, in verify
    |     raise ExpiredSignatureError("Signature has expired")
    | jwt.exceptions.ExpiredSignatureError: Signature has expired
    |
    | The above exception was the direct cause of the following exception:
    |
    | Traceback (most recent call last):
    |   File "/app/api.py", line 3, in call
    | app.Refused: no
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/app/net.py", line 3, in fetch
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | Traceback (most recent call last):
      |   File "/app/net.py", line 9, in read
      | TimeoutError: slow
      +------------------------------------
"""


def test_members_of_a_python_exception_group_are_traces_of_their_own() -> None:
    readings = python.read(f"failed\n{GROUP}2024-05-21 10:04:59 INFO done\n")
    assert [[(one.type, one.message) for one in reading.exceptions] for reading in readings] == [
        [("ExceptionGroup", "unhandled errors in a TaskGroup (2 sub-exceptions)")],
        [("jwt.exceptions.ExpiredSignatureError", "Signature has expired"), ("app.Refused", "no")],
        [("ExceptionGroup", "inner (1 sub-exception)")],
        [("TimeoutError", "slow")],
    ]
    assert [reading.top.place for reading in readings if reading.top] == [
        "/app/main.py:7",
        "/app/tokens.py:30",
        "/app/net.py:3",
        "/app/net.py:9",
    ]
    assert not any(reading.cut for reading in readings)
