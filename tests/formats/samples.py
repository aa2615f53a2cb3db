"""For every format a sample that must be recognised, and near misses that look alike and must not be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.builders import evt


@dataclass(frozen=True, slots=True)
class Row:
    """What one event of a sample must come out as."""

    position: int
    time: str | None
    """ISO, as the ``time`` column holds it."""
    basis: int
    level: int
    provider: str | None
    event_id: int | None
    begins: str
    """How the message begins."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A log in one format."""

    data: bytes
    rows: tuple[Row, ...]
    misses: tuple[bytes, ...]
    """Texts that another format must win."""
    problems: int = 0


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


EVENT_2003 = """Event Type:\tError
Event Source:\tMicrosoft WSE 2.0
Event Category:\tNone
Event ID:\t7
Date:\t\t14/03/2006
Time:\t\t15.07.32
User:\t\tN/A
Computer:\tORDSRV03
Description:
The header could not be understood.

For more information, see Help and Support Center at http://go.microsoft.com/fwlink/events.asp.
Data:
0000: 4d 00 69 00
"""

EVENT_VISTA = """Log Name:      Security
Source:        Microsoft-Windows-Security-Auditing
Date:          5/21/2024 12:00:01 AM
Event ID:      4625
Task Category: Logon
Level:         Information
Keywords:      Audit Failure
User:          N/A
Computer:      dc1.tailwind.example
Description:
An account failed to log on.
Event Xml:
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
  <System>
    <Provider Name="Microsoft-Windows-Security-Auditing" />
    <TimeCreated SystemTime="2024-05-20T22:00:01.500000000Z" />
  </System>
  <EventData>
    <Data Name="TargetUserName">anna</Data>
  </EventData>
</Event>
"""

EVENT_XML = """<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4771</EventID><Level>0</Level><Task>14339</Task><Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime='2024-05-21T10:04:58.117264900Z'/><EventRecordID>9</EventRecordID><Correlation ActivityID='{6D1B8F04-2A3E-4C57-9D10-7BE2F0A4C913}'/><Channel>Security</Channel><Computer>dc1</Computer><Security/></System><EventData><Data Name='TargetUserName'>anna</Data><Data Name='Status'>0x25</Data></EventData></Event>"""

RENDERED_XML = """<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Tailwind'/><EventID Qualifiers='0'>5</EventID><Level>2</Level><TimeCreated SystemTime='2024-05-21T10:04:58Z'/><Computer>a</Computer></System><EventData><Data>x &lt;y&gt;</Data></EventData><RenderingInfo Culture='de-DE'><Message>Das Token ist abgelaufen.</Message><Level>Fehler</Level></RenderingInfo></Event>
<Event><System><Provider Name='Tailwind'/><EventID>6</EventID></System></Event></Events>"""

E2E = """<E2ETraceEvent xmlns="http://schemas.microsoft.com/2004/06/E2ETraceEvent"><System xmlns="http://schemas.microsoft.com/2004/06/windows/eventlog/system"><EventID>131075</EventID><Type>3</Type><SubType Name="Error">0</SubType><Level>2</Level><TimeCreated SystemTime="2024-05-21T10:04:58.1172649Z" /><Source Name="System.ServiceModel" /><Correlation ActivityID="{6d1b8f04-2a3e-4c57-9d10-7be2f0a4c913}" /><Execution ProcessName="w3wp" ProcessID="1" ThreadID="2" /><Channel/><Computer>WEB1</Computer></System><ApplicationData><TraceData><DataItem><TraceRecord xmlns="http://schemas.microsoft.com/2004/10/E2ETraceEvent/TraceRecord" Severity="Error"><TraceIdentifier>http://msdn.microsoft.com/en-US/library/System.ServiceModel.Diagnostics.ThrowingException.aspx</TraceIdentifier><Description>Throwing an exception.</Description><AppDomain>/LM/W3SVC/1</AppDomain><Exception><ExceptionType>System.IdentityModel.Tokens.SecurityTokenException, System.IdentityModel</ExceptionType><Message>The token is too old.</Message><StackTrace>   at Tailwind.Sts.Issue()</StackTrace><InnerException><ExceptionType>System.FormatException, mscorlib</ExceptionType><Message>No date.</Message></InnerException></Exception></TraceRecord></DataItem></TraceData></ApplicationData></E2ETraceEvent>"""

E2E_MESSAGE = """<E2ETraceEvent xmlns="http://schemas.microsoft.com/2004/06/E2ETraceEvent"><System xmlns="http://schemas.microsoft.com/2004/06/windows/eventlog/system"><EventID>0</EventID><SubType Name="Information">0</SubType><TimeCreated SystemTime="2024-05-21T10:04:59Z" /><Source Name="System.ServiceModel.MessageLogging" /><Computer>WEB1</Computer></System><ApplicationData><TraceData><DataItem><MessageLogTraceRecord Time="2024-05-21T12:04:59+02:00" Source="TransportReceive" Type="System.ServiceModel.Channels.BufferedMessage" xmlns="http://schemas.microsoft.com/2004/06/ServiceModel/Management/MessageTrace"><HttpRequest><Method>POST</Method></HttpRequest><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a>1</a></s:Body></s:Envelope></MessageLogTraceRecord></DataItem></TraceData></ApplicationData></E2ETraceEvent>"""

WEBINFO = """<?xml version="1.0" encoding="utf-8"?>
<log>
  <inputMessage utc="3/14/2006 2:07:32 PM" messageId="uuid:e08a47c3-6f52-4d19-b7aa-94f1c05d2e38">
    <processingStep description="Unprocessed message"><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope></processingStep>
    <processingStep description="Entering SOAP filter Microsoft.Web.Services2.Security.SecurityInputFilter" />
  </inputMessage>
</log>"""

ULS = (
    "Timestamp              \tProcess                                 \tTID   \tArea                          \tCategory                      \tEventID\tLevel     \tMessage \tCorrelation\n"
    "05/21/2024 10:04:58.11 \tw3wp.exe (0x198C)                       \t0x0714\tSharePoint Foundation         \tClaims Authentication         \t8306\tCritical\tAn exception occurred when trying to issue security token: the user name and...\t9aa1d79f-81e9-0056-6f76-df8edceb29a3\n"
    "05/21/2024 10:04:58.11*\tw3wp.exe (0x198C)                       \t0x0714\tSharePoint Foundation         \tClaims Authentication         \t8306\tCritical\t... password could not be validated.\t9aa1d79f-81e9-0056-6f76-df8edceb29a3\n"
    "05/21/2024 10:04:59.02 \tw3wp.exe (0x198C)                       \t0x0714\tSharePoint Foundation         \tGeneral                       \tavwhz\tMedium\tDone\t\n"
)

SAMPLES: Final[Mapping[str, Sample]] = {
    "evt": Sample(
        evt.log([evt.Event(7, 1_142_345_252, 40960, 2, "LSASRV", "WKS1", ("cifs/dc1", "Kerberos", "%%1311"))]),
        (
            Row(
                7,
                "2006-03-14T14:07:32",
                1,
                3,
                "LSASRV",
                40960,
                "The security system could not authenticate to the server cifs/dc1 with Kerberos",
            ),
        ),
        (b"LfLe is what the file begins with, they said\n",),
    ),
    "event_viewer_text": Sample(
        (EVENT_2003 + "\n" + "-" * 40 + "\n" + EVENT_VISTA).encode(),
        (
            Row(1, "2006-03-14T15:07:32", 2, 2, "Microsoft WSE 2.0", 7, "The header could not be understood."),
            Row(
                17,
                "2024-05-20T22:00:01.500000",
                1,
                6,
                "Microsoft-Windows-Security-Auditing",
                4625,
                "An account failed to log on.\n\nTargetUserName: anna",
            ),
        ),
        (b"Event Type: concert\nTickets at the door.\n", b"Log Name: see below\nNothing else here.\n"),
    ),
    "record_list": Sample(
        b'RecordNumber: 3\nTimeGenerated: 2011-07-30T16:59:46Z\nEventID: 0x8000A001 (40961)\nEventType: 2 (Warning)\nSourceName: LSASRV\nComputerName: W1\nString[0]: cifs/A\nString[1]: "No\nway"\n\nRecordNumber: 4\nTimeGenerated: 2011-07-30T17:00:00Z\nEventID: 7\nEventType: 1 (Error)\nSourceName: X\n',
        (
            Row(1, "2011-07-30T16:59:46", 1, 3, "LSASRV", 40961, 'String[0]: cifs/A\nString[1]: "No\nway"'),
            Row(11, "2011-07-30T17:00:00", 1, 2, "X", 7, ""),
        ),
        (b"RecordNumber: 12\nPrice: 3\n",),
    ),
    "wevtutil_text": Sample(
        b"Event[0]:\n  Log Name: System\n  Source: Schannel\n  Date: 2024-05-21T10:04:58.117\n  Event ID: 36887\n  Task: N/A\n  Level: Error\n  Keyword: N/A\n  User: S-1-5-18\n  User Name: NT AUTHORITY\\SYSTEM\n  Computer: web1\n  Description: \nAlert 46.\n\nEvent[1]:\n  Log Name: System\n  Source: W32Time\n  Date: 2024-05-21T10:05:00.0000000Z\n  Event ID: 36\n  Level: Warning\n  Description: \nNot synchronised.\n",
        (
            Row(1, "2024-05-21T10:04:58.117000", 2, 2, "Schannel", 36887, "Alert 46."),
            Row(15, "2024-05-21T10:05:00", 2, 3, "W32Time", 36, "Not synchronised."),
        ),
        (b"Event[0]\nsomething was raised\nEvent[1]\nsomething else\n",),
    ),
    "powershell_list": Sample(
        b"\n\nTimeCreated  : 5/21/2024 8:37:02 PM\nProviderName : AD FS\nId           : 364\nMessage      : Encountered error.\n               \n               Details below\n\nIndex              : 12\nEntryType          : FailureAudit\nInstanceId         : 2147484113\nMessage            : Refused\nSource             : KDC\nTimeGenerated      : 5/21/2024 8:37:03 PM\n\n",
        (
            Row(3, "2024-05-21T20:37:02", 2, 0, "AD FS", 364, "Encountered error.\n\nDetails below"),
            Row(10, "2024-05-21T20:37:03", 2, 6, "KDC", 465, "Refused"),
        ),
        (b"Name   : sp1\nStatus : Running\nId     : 4\n",),
    ),
    "powershell_table": Sample(
        b"PS C:\\> Get-WinEvent -LogName Application\n\n   ProviderName: AD FS\n\n"
        b"TimeCreated                     Id LevelDisplayName Message\n"
        b"-----------                     -- ---------------- -------\n"
        b"5/21/2024 8:37:02 PM           364 Error            Encountered error during federation\n"
        b"                                                    passive request.\n"
        b"5/21/2024 8:37:01 PM           100 Information      Started\n\n\n   ProviderName: Schannel\n\n"
        b"TimeCreated                     Id LevelDisplayName Message\n"
        b"-----------                     -- ---------------- -------\n"
        b"5/21/2024 8:37:00 PM         36887 Error            A fatal alert was received...\n\n"
        b"   Index Time          EntryType   Source                 InstanceID Message\n"
        b"   ----- ----          ---------   ------                 ---------- -------\n"
        b"   12345 May 21 20:36  Error       Microsoft WSE 2.0               0 Message Dispatch Failure\n"
        b"   12344 May 21 20:35  FailureA... Security               3221226472 Refused\n",
        (
            Row(7, "2024-05-21T20:37:02", 2, 2, "AD FS", 364, "Encountered error during federation\npassive request."),
            Row(9, "2024-05-21T20:37:01", 2, 4, "AD FS", 100, "Started"),
            Row(16, "2024-05-21T20:37:00", 2, 2, "Schannel", 36887, "A fatal alert was received..."),
            Row(20, "2024-05-21T20:36:00", 2, 2, "Microsoft WSE 2.0", 0, "Message Dispatch Failure\n\nIndex: 12345"),
            Row(21, "2024-05-21T20:35:00", 2, 6, "Security", 1000, "Refused"),
        ),
        (
            b"Status   Name               DisplayName\n------   ----               -----------\nRunning  adfssrv            AD FS\n",
            b"Time        Name  Size\n----        ----  ----\n5/21/2024   a     17\n",
        ),
        problems=1,
    ),
    "event_csv": Sample(
        '\ufeffEbene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\nFehler,21.05.2024 10:04:58,Schannel,36887,Keine,"Es wurde eine Warnung empfangen.\r\n\r\nCode ""46"""\r\nInformationen,21.05.2024 10:05:00,AD FS,100,Keine,Gestartet\r\n'.encode(),
        (
            Row(2, "2024-05-21T10:04:58", 2, 2, "Schannel", 36887, 'Es wurde eine Warnung empfangen.\r\n\r\nCode "46"'),
            Row(5, "2024-05-21T10:05:00", 2, 4, "AD FS", 100, "Gestartet"),
        ),
        (b"Index,Name,Country\n1,Ada,UK\n2,Max,DE\n",),
    ),
    "windows_event_xml": Sample(
        (EVENT_XML + "\n" + RENDERED_XML).encode(),
        (
            Row(
                1,
                "2024-05-21T10:04:58.117264",
                1,
                6,
                "Microsoft-Windows-Security-Auditing",
                4771,
                "Kerberos pre-authentication of anna failed: 0x25 (KRB_AP_ERR_SKEW",
            ),
            Row(3, "2024-05-21T10:04:58", 1, 2, "Tailwind", 5, "Das Token ist abgelaufen.\n\nData 1: x <y>"),
            Row(4, None, 0, 0, "Tailwind", 6, ""),
        ),
        (b"<Events><Event>concert</Event></Events>\n",),
    ),
    "svclog": Sample(
        (E2E + E2E_MESSAGE).encode(),
        (
            Row(
                1,
                "2024-05-21T10:04:58.117264",
                1,
                2,
                "System.ServiceModel",
                131075,
                "Throwing an exception.\nSystem.IdentityModel.Tokens.SecurityTokenException: The token is too old.\n   at Tailwind.Sts.Issue()\n ---> System.FormatException: No date.",
            ),
            Row(
                1,
                "2024-05-21T10:04:59",
                1,
                4,
                "System.ServiceModel.MessageLogging",
                0,
                "Message logged: TransportReceive System.ServiceModel.Channels.BufferedMessage\nMethod: POST\n<s:Envelope",
            ),
        ),
        (b"the E2ETraceEvent was lost\n", b"<E2ETraceEvents/>\n"),
    ),
    "wse_trace": Sample(
        WEBINFO.encode(),
        (
            Row(
                3,
                "2006-03-14T14:07:32",
                1,
                4,
                "Microsoft WSE",
                None,
                "Incoming message uuid:e08a47c3-6f52-4d19-b7aa-94f1c05d2e38\nUnprocessed message\n<soap:Envelope",
            ),
        ),
        (b"<log><inputMessages/></log>\n",),
    ),
    "sharepoint_uls": Sample(
        ULS.encode(),
        (
            Row(
                2,
                "2024-05-21T10:04:58.110000",
                2,
                1,
                "SharePoint Foundation",
                8306,
                "An exception occurred when trying to issue security token: the user name and password could not be validated.",
            ),
            Row(4, "2024-05-21T10:04:59.020000", 2, 4, "SharePoint Foundation", None, "Done"),
        ),
        (b"05/21/2024 10:04:58\ta\tb\n05/21/2024 10:04:59\tc\td\n",),
    ),
    "iis_w3c": Sample(
        b"#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-username sc-status\r\n2024-05-21 10:04:58 10.0.0.1 POST /sts - 401\r\n2024-05-21 10:04:59 10.0.0.1 GET / TW\\anna 200\r\n#Fields: date time sc-status cs-method cs-uri-stem\r\n2024-05-21 10:05:00 500 GET /x\r\n",
        (
            Row(4, "2024-05-21T10:04:58", 1, 3, "IIS", 401, "POST /sts 401\ndate: 2024-05-21"),
            Row(5, "2024-05-21T10:04:59", 1, 4, "IIS", 200, "GET / 200\n"),
            Row(7, "2024-05-21T10:05:00", 1, 2, "IIS", 500, "GET /x 500\n"),
        ),
        (b"# Fields\n\nSome notes in Markdown\n",),
    ),
    "cloudtrail": Sample(
        _json(
            {
                "Records": [
                    {
                        "eventVersion": "1.08",
                        "eventTime": "2024-05-21T10:04:58Z",
                        "eventSource": "sts.amazonaws.com",
                        "eventName": "AssumeRole",
                        "awsRegion": "eu-west-1",
                        "errorCode": "AccessDenied",
                        "errorMessage": "not allowed",
                        "requestID": "AB-1",
                        "userIdentity": {"arn": "arn:aws:iam::1:user/x"},
                    },
                    {"eventTime": "2024-05-21T10:05:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject"},
                ]
            }
        ),
        (
            Row(3, "2024-05-21T10:04:58", 1, 2, "sts.amazonaws.com", None, "AssumeRole: AccessDenied: not allowed\n"),
            Row(16, "2024-05-21T10:05:00", 1, 4, "s3.amazonaws.com", None, "GetObject"),
        ),
        (_json({"records": [{"name": "a"}, {"name": "b"}]}),),
    ),
    "entra_signin": Sample(
        _json(
            [
                {
                    "id": "1",
                    "createdDateTime": "2024-05-21T10:04:58Z",
                    "userPrincipalName": "anna@tailwind.example",
                    "appDisplayName": "Portal",
                    "correlationId": "6D1B8F04-2a3e",
                    "conditionalAccessStatus": "failure",
                    "status": {"errorCode": 50076, "failureReason": "MFA is needed"},
                }
            ]
        ),
        (
            Row(
                2,
                "2024-05-21T10:04:58",
                1,
                2,
                "Portal",
                None,
                "Sign-in of anna@tailwind.example to Portal failed: AADSTS50076 MFA is needed\n",
            ),
        ),
        (_json([{"userPrincipalName": "anna@tailwind.example", "city": "Rome"}]),),
    ),
    "har": Sample(
        _json(
            {
                "log": {
                    "version": "1.2",
                    "creator": {"name": "x"},
                    "entries": [
                        {
                            "startedDateTime": "2024-05-21T12:04:58.117+02:00",
                            "time": 12,
                            "request": {
                                "method": "POST",
                                "url": "https://sts.tailwind.example/token",
                                "headers": [{"name": "Authorization", "value": "Bearer x"}],
                                "postData": {"text": "grant_type=refresh_token"},
                            },
                            "response": {
                                "status": 400,
                                "statusText": "Bad Request",
                                "httpVersion": "HTTP/1.1",
                                "headers": [],
                                "content": {"text": "eyJlcnJvciI6ICJpbnZhbGlkX2dyYW50In0=", "encoding": "base64"},
                            },
                        }
                    ],
                }
            }
        ),
        (
            Row(
                8,
                "2024-05-21T10:04:58.117000",
                1,
                3,
                "sts.tailwind.example",
                400,
                'POST https://sts.tailwind.example/token -> 400 Bad Request\nAuthorization: Bearer x\n\ngrant_type=refresh_token\n\nHTTP/1.1 400 Bad Request\n\n{"error": "invalid_grant"}',
            ),
        ),
        (_json({"log": {"level": "info"}}),),
    ),
    "json_lines": Sample(
        b'{"@t":"2024-05-21T10:04:58.1172649Z","@mt":"User {User} refused","@l":"Error","User":"anna","@x":"System.Exception: no\\n   at A.B()"}\n{"@timestamp":"2024-05-21T10:05:00.000Z","log.level":"WARN","log.logger":"sts","message":"late","winlog":{"event_id":7}}\n{"level":50,"time":1716285901000,"name":"api","msg":"jwt expired","err":{"stack":"TokenExpiredError: jwt expired\\n    at verify"}}\n',
        (
            Row(1, "2024-05-21T10:04:58.117264", 1, 2, None, None, "User anna refused\nSystem.Exception: no\n   at A.B()\n\nUser: anna"),
            Row(2, "2024-05-21T10:05:00", 1, 3, "sts", 7, "late"),
            Row(3, "2024-05-21T10:05:01", 1, 2, "api", None, "jwt expired\nTokenExpiredError: jwt expired\n    at verify"),
        ),
        (b"{braces} are used here\n{also} here\n",),
    ),
    "json_array": Sample(
        b'[\r\n    {\r\n        "TimeCreated":  "\\/Date(1716285898117)\\/",\r\n        "Id":  4625,\r\n        "LevelDisplayName":  "Information",\r\n        "KeywordsDisplayNames": ["Audit Failure"],\r\n        "ProviderName":  "Microsoft-Windows-Security-Auditing",\r\n        "Message":  "An account failed to log on."\r\n    },\r\n    {\r\n        "Id":  1,\r\n        "Message":  "x"\r\n    }\r\n]\r\n',
        (
            Row(2, "2024-05-21T10:04:58.117000", 1, 6, "Microsoft-Windows-Security-Auditing", 4625, "An account failed to log on."),
            Row(10, None, 0, 0, None, None, "x"),
        ),
        (b"[10:04:58 INF] not JSON\n[10:04:59 INF] either\n",),
    ),
    "containers": Sample(
        b"2024-05-21T10:04:58.117264000Z stderr F ERROR token expired\n2024-05-21T10:04:58.117264100Z stderr F    at A.b(C.java:1)\n2024-05-21T10:04:59.000000000Z stdout P INFO half a\n2024-05-21T10:04:59.000000001Z stdout F  message\n",
        (
            Row(1, "2024-05-21T10:04:58.117264", 1, 2, None, None, "ERROR token expired\n   at A.b(C.java:1)"),
            Row(3, "2024-05-21T10:04:59", 1, 4, None, None, "INFO half a message"),
        ),
        (b"a | b\nno table here\n", b"INFO | up\nERROR | down\nINFO | up\n"),
    ),
    "log4net": Sample(
        b"2024-05-21 10:04:58,117 [12] ERROR Tailwind.Gateway [(null)] - refused\r\nSystem.Exception: no\r\n   at A.B()\r\n2024-05-21 10:04:59,000 [Worker 3] INFO  Tailwind.Api - done\r\n",
        (
            Row(1, "2024-05-21T10:04:58.117000", 2, 2, "Tailwind.Gateway", None, "refused\nSystem.Exception: no\n   at A.B()"),
            Row(4, "2024-05-21T10:04:59", 2, 4, "Tailwind.Api", None, "done"),
        ),
        (b"2024-05-21 10:04:58,117 something [12] - else\n",),
    ),
    "nlog": Sample(
        b"2024-05-21 10:04:58.1172|ERROR|Tailwind.Gateway|refused\n2024-05-21 10:04:59.0000|INFO|Tailwind.Api|a|b\n",
        (
            Row(1, "2024-05-21T10:04:58.117200", 2, 2, "Tailwind.Gateway", None, "refused"),
            Row(2, "2024-05-21T10:04:59", 2, 4, "Tailwind.Api", None, "a|b"),
        ),
        (b"2024-05-21 10:04:58.1172|left|right|\n",),
    ),
    "logback": Sample(
        b"2024-05-21T10:04:58.117+02:00 ERROR 4711 --- [orders] [nio-8080-exec-1] c.t.Gateway                      : JWT expired\nio.jsonwebtoken.ExpiredJwtException: JWT expired\n\tat io.jsonwebtoken.Parser.parse(Parser.java:1)\nCaused by: x\n2024-05-21T10:04:59.000+02:00  INFO 4711 --- [orders] [main] c.t.App : up\n",
        (
            Row(1, "2024-05-21T08:04:58.117000", 1, 2, "c.t.Gateway", None, "JWT expired\nio.jsonwebtoken.ExpiredJwtException"),
            Row(5, "2024-05-21T08:04:59", 1, 4, "c.t.App", None, "up"),
        ),
        (b"2024-05-21T10:04:58.117+02:00 --- a line\n",),
    ),
    "keycloak": Sample(
        b'2024-05-21 10:04:58,117 WARN  [org.keycloak.events] (executor-thread-1) type="LOGIN_ERROR", error="expired_code"\n2024-05-21 10:04:59,000 INFO  [io.quarkus] (main) started\n',
        (
            Row(1, "2024-05-21T10:04:58.117000", 2, 3, "org.keycloak.events", None, 'type="LOGIN_ERROR"'),
            Row(2, "2024-05-21T10:04:59", 2, 4, "io.quarkus", None, "started"),
        ),
        (b"2024-05-21 10:04:58,117 WARN  [org.keycloak.events] no thread\n",),
    ),
    "serilog": Sample(
        b"2024-05-21 10:04:58.117 +02:00 [ERR] refused\nSystem.Exception: no\n2024-05-21 10:04:59.000 +02:00 [INF] done\n",
        (
            Row(1, "2024-05-21T08:04:58.117000", 1, 2, None, None, "refused\nSystem.Exception: no"),
            Row(3, "2024-05-21T08:04:59", 1, 4, None, None, "done"),
        ),
        (b"2024-05-21 10:04:58.117 +02:00 [ABC] refused\n",),
    ),
    "aspnet_console": Sample(
        b"fail: CoreWCF.Channels.Dispatcher[7]\n      The user name is unknown.\n      at CoreWCF.A.B()\ninfo: Microsoft.Hosting.Lifetime[0]\n      Now listening\n",
        (
            Row(1, None, 0, 2, "CoreWCF.Channels.Dispatcher", 7, "The user name is unknown.\n      at CoreWCF.A.B()"),
            Row(4, None, 0, 4, "Microsoft.Hosting.Lifetime", 0, "Now listening"),
        ),
        (b"info: see chapter[7\nfail: early, fail: often\n",),
    ),
    "python_logging": Sample(
        b'2024-05-21 10:04:58,117 - sts.token - ERROR - refused\nTraceback (most recent call last):\n  File "a.py", line 1, in b\njwt.exceptions.ExpiredSignatureError: Signature has expired\n2024-05-21 10:04:59,000 - sts - INFO - done\n',
        (
            Row(1, "2024-05-21T10:04:58.117000", 2, 2, "sts.token", None, "refused\nTraceback"),
            Row(5, "2024-05-21T10:04:59", 2, 4, "sts", None, "done"),
        ),
        (b"2024-05-21 10:04:58,117 - sts - nothing - refused\n",),
    ),
    "adfs_debug": Sample(
        b"2006-03-14T15:07:32 [INFO] Requesting token for https://orders.tailwind.example/ from FS\n2006-03-14T15:07:32 [VERBOSE] SAML: effectivetime = 03/14/2006 15:07:38\nexpirationtime = 03/14/2006 16:07:38\n2006-03-14T15:07:33 [ERROR] KeyInfo processing failed\n2006-03-14T15:07:33 [EVENTLOG] AdfsErrorTokenInvalid\n",
        (
            Row(1, "2006-03-14T15:07:32", 2, 4, "AD FS", None, "Requesting token for https"),
            Row(
                2,
                "2006-03-14T15:07:32",
                2,
                5,
                "AD FS",
                None,
                "SAML: effectivetime = 03/14/2006 15:07:38\nexpirationtime = 03/14/2006 16:07:38",
            ),
            Row(4, "2006-03-14T15:07:33", 2, 2, "AD FS", None, "KeyInfo processing failed"),
            Row(5, "2006-03-14T15:07:33", 2, 4, "AD FS", None, "AdfsErrorTokenInvalid"),
        ),
        (b"2006-03-14T15:07:32 [INFO] kettle on\n2006-03-14T15:07:33 [INFO] tea is ready\n",),
    ),
    "dotnet_trace": Sample(
        b"Microsoft.IdentityModel Error: 0 : The token is too old.\n   at Tailwind.Sts.Issue()\n    ProcessId=4711\n    ThreadId=9\n    DateTime=2024-05-21T10:04:58.1172649Z\nMicrosoft.IdentityModel Verbose: 131075 : Read\n",
        (
            Row(
                1,
                "2024-05-21T10:04:58.117264",
                1,
                2,
                "Microsoft.IdentityModel",
                0,
                "The token is too old.\n   at Tailwind.Sts.Issue()\n    ProcessId=4711",
            ),
            Row(6, None, 0, 5, "Microsoft.IdentityModel", 131075, "Read"),
        ),
        (b"build Error: 12: file not found\n", b"Error: 12 : no source\n"),
    ),
    "log4j_xml": Sample(
        b'<log4j:event logger="t.Sts" timestamp="1716285898117" level="ERROR" thread="main">\n<log4j:message><![CDATA[The token is too old.]]></log4j:message>\n<log4j:throwable><![CDATA[t.Expired: no\n\tat t.Sts.issue(Sts.java:7)]]></log4j:throwable>\n<log4j:locationInfo class="t.Sts" line="7"/>\n</log4j:event>\n'
        b'<Event xmlns="http://logging.apache.org/log4j/2.0/events" timeMillis="1" level="WARN" loggerName="t.Api" thread="t-1"><Instant epochSecond="1716285898" nanoOfSecond="117000000"/><Message>slow</Message><Thrown message="no" name="t.Expired"><ExtendedStackTrace><ExtendedStackTraceItem class="t.Sts" method="issue" file="Sts.java" line="7"/></ExtendedStackTrace></Thrown></Event>\n'
        b"<record><date>2024-05-21T10:04:58</date><millis>1716285898117</millis><logger>t.Jul</logger><level>SEVERE</level><thread>1</thread><message>refused</message><exception><message>t.Expired: no</message><frame><class>t.Sts</class><method>issue</method><line>7</line></frame></exception></record>\n",
        (
            Row(
                1,
                "2024-05-21T10:04:58.117000",
                1,
                2,
                "t.Sts",
                None,
                "The token is too old.\nt.Expired: no\n\tat t.Sts.issue(Sts.java:7)\n\nlocationInfo class: t.Sts",
            ),
            Row(7, "2024-05-21T10:04:58.117000", 1, 3, "t.Api", None, "slow\nt.Expired: no\n\tat t.Sts.issue(Sts.java:7)"),
            Row(8, "2024-05-21T10:04:58.117000", 1, 2, "t.Jul", None, "refused\nt.Expired: no\n\tat t.Sts.issue(t.Sts:7)"),
        ),
        (b"<record><date>today</date><song>one</song></record>\n", b'<Event xmlns="http://example.org/calendar" level="WARN"/>\n'),
    ),
    "syslog": Sample(
        b"<34>May 21 10:04:58 web1 sshd[4711]: Failed password\n<30>May 21 10:04:59 web1 systemd[1]: Started\n",
        (
            Row(1, "2024-05-21T10:04:58", 2, 1, "sshd", None, "Failed password"),
            Row(2, "2024-05-21T10:04:59", 2, 4, "systemd", None, "Started"),
        ),
        (b"May 21 was a Tuesday\n", b"<34>bold</34>\n"),
    ),
    "glog": Sample(
        b"E0521 10:04:58.117264    4711 token.go:253] expired\nI20240521 10:04:59.000000       1 main.go:1] up\n",
        (
            Row(1, "2024-05-21T10:04:58.117264", 2, 2, "token.go:253", None, "expired"),
            Row(2, "2024-05-21T10:04:59", 2, 4, "main.go:1", None, "up"),
        ),
        (b"E0521 is the part number\n",),
    ),
    "websphere": Sample(
        b"[5/21/24 10:04:58:117 CEST] 0000004a com.ibm.ws.Sec  E   CWWSS5514E: expired\n                                 more\n[5/21/24 10:04:59:000 CEST] 0000004a SystemOut     O up\n",
        (
            Row(1, "2024-05-21T08:04:58.117000", 1, 2, "com.ibm.ws.Sec", None, "CWWSS5514E: expired\n"),
            Row(3, "2024-05-21T08:04:59", 1, 4, "SystemOut", None, "up"),
        ),
        (b"[5/21/24 10:04:58:117 CEST] no thread\n",),
    ),
    "weblogic": Sample(
        b"####<May 21, 2024 10:04:58 AM CEST> <Error> <Security> <host1> <AdminServer> <[ACTIVE] ExecuteThread: '1'> <anna> <> <ctx-1> <1716278698117> <BEA-090403> <Authentication denied> \n####<May 21, 2024 10:04:59 AM CEST> <Notice> <Server> <host1> <AdminServer> <main> <> <> <> <1716278699000> <BEA-000365> <RUNNING> \n",
        (
            Row(1, "2024-05-21T08:04:58", 1, 2, "Security", None, "<Authentication denied>"),
            Row(2, "2024-05-21T08:04:59", 1, 4, "Server", None, "<RUNNING>"),
        ),
        (b"####<heading> <of> <markdown>\n",),
    ),
    "java_util_logging": Sample(
        b"21-May-2024 10:04:58.117 SEVERE [main] org.apache.catalina.A.b refused\n\tat x.Y(Z)\n21-May-2024 10:04:59.000 INFO [main] org.apache.A.c up\n",
        (
            Row(1, "2024-05-21T10:04:58.117000", 2, 2, "org.apache.catalina.A.b", None, "refused\n\tat x.Y(Z)"),
            Row(3, "2024-05-21T10:04:59", 2, 4, "org.apache.A.c", None, "up"),
        ),
        (b"21-May-2024 10:04:58.117 something else\n",),
    ),
    "access_log": Sample(
        b'10.0.0.7 - anna [21/May/2024:10:04:58 +0200] "POST /sts HTTP/1.1" 401 134\n10.0.0.7 - - [21/May/2024:10:04:59 +0200] "GET / HTTP/1.1" 200 9\n',
        (
            Row(1, "2024-05-21T08:04:58", 1, 3, "access", 401, '"POST /sts HTTP/1.1" 401 134'),
            Row(2, "2024-05-21T08:04:59", 1, 4, "access", 200, '"GET / HTTP/1.1" 200 9'),
        ),
        (b"[21/May/2024] we met\n",),
    ),
    "timestamped": Sample(
        b"21/05/2024 10:04:58 ERROR something\n  more\n21/05/2024 10:04:59 fine\n",
        (
            Row(1, "2024-05-21T10:04:58", 2, 2, None, None, "ERROR something\n  more"),
            Row(3, "2024-05-21T10:04:59", 2, 0, None, None, "fine"),
        ),
        (b"21 bottles, 10 glasses\n",),
    ),
    "snippet": Sample(
        b"ID4223: The SamlSecurityToken is rejected.\nNotOnOrAfter: '02/28/2012 1:15:04 PM'\n",
        (Row(1, None, 0, 2, None, None, "ID4223: The SamlSecurityToken is rejected.\nNotOnOrAfter"),),
        (b"bread\nmilk\n",),
    ),
    "lines": Sample(
        b"one\n  more of one\nERROR two\nCaused by: three\n\nfour\n",
        (
            Row(1, None, 0, 0, None, None, "one\n  more of one"),
            Row(3, None, 0, 2, None, None, "ERROR two\nCaused by: three"),
            Row(6, None, 0, 0, None, None, "four"),
        ),
        (bytes(range(256)) * 4,),
    ),
}
"""By module of inspector.formats."""
