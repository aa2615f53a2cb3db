"""Every layout of every line log: format, time, level, source and message out of one line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from inspector.formats.text.line_log import LineLog
from tests.formats import reading

# module, line, time as the column holds it, level, provider, message
LINES: list[tuple[str, str, str | None, int, str | None, str]] = [
    ("log4net", "2024-05-21 10:04:58,117 ERROR [main] Tailwind.Gateway - no", "2024-05-21 10:04:58.117000", 2, "Tailwind.Gateway", "no"),
    ("log4net", "2024-05-21 10:04:58.117-05:00 [WEB1][D:2][T:59][FATAL] Dnn.Page - no", "2024-05-21 15:04:58.117000", 1, "Dnn.Page", "no"),
    ("nlog", "2024-05-21 10:04:58.117 | WARN | 12 | Tailwind.Api | slow", "2024-05-21 10:04:58.117000", 3, "Tailwind.Api", "slow"),
    ("logback", "TID: [-1234] [] [2024-05-21 10:04:58,117] ERROR {org.wso2.Auth} -  no", "2024-05-21 10:04:58.117000", 2, "org.wso2.Auth", "no"),
    ("logback", "[2024-05-21 10:04:58,117]  WARN {org.wso2.Auth} - slow", "2024-05-21 10:04:58.117000", 3, "org.wso2.Auth", "slow"),
    ("logback", "[2024-05-21 10:04:58,117] [main] INFO c.t.App - up", "2024-05-21 10:04:58.117000", 4, "c.t.App", "up"),
    ("logback", "[2024-05-21T10:04:58,117][ERROR][o.e.x.Auth       ] [node-1] no", "2024-05-21 10:04:58.117000", 2, "o.e.x.Auth", "no"),
    ("logback", "2024-05-21 10:04:58.117 [main] [6d1b8f04] ERROR c.t.App - no", "2024-05-21 10:04:58.117000", 2, "c.t.App", "no"),
    ("logback", "2024-05-21 10:04:58,117 INFO [main] org.apache.App: up", "2024-05-21 10:04:58.117000", 4, "org.apache.App", "up"),
    ("logback", "2024-05-21 10:04:58.117 ERROR c.t.App:12 - no", "2024-05-21 10:04:58.117000", 2, "c.t.App", "no"),
    ("logback", "10:04:58.117 [main] DEBUG c.t.App - fine", None, 5, "c.t.App", "fine"),
    ("keycloak", "10:04:58,117 WARN  [org.keycloak.events] (default task-1) type=LOGIN_ERROR", None, 3, "org.keycloak.events", "type=LOGIN_ERROR"),
    ("serilog", "[2024-05-21 10:04:58 ERR] no", "2024-05-21 10:04:58", 2, None, "no"),
    ("serilog", "[10:04:58 INF] up", None, 4, None, "up"),
    ("aspnet_console", "2024-05-21T10:04:58Z fail: A.B[3]", "2024-05-21 10:04:58", 2, "A.B", ""),
    ("python_logging", "2024-05-21 10:04:58.117 | ERROR    | sts.api:verify:12 - no", "2024-05-21 10:04:58.117000", 2, "sts.api:verify:12", "no"),
    ("python_logging", "2024-05-21 10:04:58,117 - ERROR - no", "2024-05-21 10:04:58.117000", 2, None, "no"),
    ("python_logging", "2024-05-21 10:04:58,117 ERROR sts.api:12: no", "2024-05-21 10:04:58.117000", 2, "sts.api", "no"),
    ("python_logging", "2024-05-21 10:04:58,117 ERROR no luck", "2024-05-21 10:04:58.117000", 2, None, "no luck"),
    ("python_logging", "2024-05-21 10:04:58,117:WARNING:sts.api:slow", "2024-05-21 10:04:58.117000", 3, "sts.api", "slow"),
    ("python_logging", "[2024-05-21 10:04:58 +0200] [4711] [INFO] up", "2024-05-21 08:04:58", 4, None, "up"),
    ("python_logging", "[2024-05-21 10:04:58,117] ERROR in app: no", "2024-05-21 10:04:58.117000", 2, None, "in app: no"),
    ("python_logging", "ERROR 2024-05-21 10:04:58,117 views 12 140 no", "2024-05-21 10:04:58.117000", 2, "views", "no"),
    ("python_logging", "MainThread::ERROR::2024-05-21 10:04:58,117::vdsm::71::no", "2024-05-21 10:04:58.117000", 2, "vdsm", "71::no"),
    ("python_logging", "ERROR:sts.api:no", None, 2, "sts.api", "no"),
    ("syslog", "<34>1 2024-05-21T10:04:58.117Z web1 sts 4711 ID47 [a@1 b=\"c\"] no", "2024-05-21 10:04:58.117000", 1, "sts", "no"),
    ("syslog", "<34>1 2024-05-21T10:04:58.117Z web1 sts 4711 ID47 [a@1 b=\"c\\]\"][d@1 e=\"f\"] \ufeffno", "2024-05-21 10:04:58.117000", 1, "sts", "no"),
    ("syslog", "<38>1 2024-05-21T10:04:58.117+02:00 web1 sts - - - up", "2024-05-21 08:04:58.117000", 4, "sts", "up"),
    ("syslog", "Oct 10 2018 12:34:56 fw1: %ASA-6-302014: gone", "2018-10-10 12:34:56", 0, None, "%ASA-6-302014: gone"),
    ("syslog", "2024-05-21T10:04:58.117+02:00 web1 sts[12]: no", "2024-05-21 08:04:58.117000", 0, "sts", "no"),
    ("websphere", "[ERROR   ] CWWKS1100A: no", None, 2, None, "CWWKS1100A: no"),
    ("websphere", "[21/05/24 10:04:58:117 CEST] 0000004a id=00000000 com.ibm.Sec A up", "2024-05-21 08:04:58.117000", 4, "com.ibm.Sec", "up"),
    ("weblogic", "[2024-05-21T10:04:58.117+02:00] [soa1] [ERROR] [OWS-04115] [oracle.wsm.security] [tid: [ACTIVE].ExecuteThread: '1' for queue] [userId: anna] [ecid: 1.2,0] no", "2024-05-21 08:04:58.117000", 2, "oracle.wsm.security", "no"),
    ("weblogic", "<May 21, 2024 10:04:58 AM CEST> <Error> <Security> <BEA-090403> <no>", "2024-05-21 08:04:58", 2, "Security", "<no>"),
    ("java_util_logging", "May 21, 2024 10:04:58 AM org.apache.A b\nSEVERE: no", "2024-05-21 10:04:58", 2, "org.apache.A", "no"),
    ("access_log", "[21/May/2024:10:04:58 +0200] anna http-8080 10.0.0.7 GET /x HTTP/1.1 500 3ms", "2024-05-21 08:04:58", 2, "access", "anna http-8080 10.0.0.7 GET /x HTTP/1.1 500 3ms"),
    ("timestamped", "[Tue May 21 10:04:58.117 2024] [auth_openidc:error] [pid 4711] no", "2024-05-21 10:04:58.117000", 2, None, "[auth_openidc:error] [pid 4711] no"),
    ("timestamped", "[2024-05-21 10:04:58] local.ERROR: no", "2024-05-21 10:04:58", 2, None, "local.ERROR: no"),
    ("timestamped", "2024-05-21 10:04:58.117 PDT [4711] ERROR:  no", "2024-05-21 17:04:58.117000", 2, None, "[4711] ERROR:  no"),
    ("timestamped", "2024-05-21 10:04:58 IST [4711] ERROR:  no", "2024-05-21 10:04:58", 2, None, "[4711] ERROR:  no"),
    ("timestamped", "2024-05-21 10:04:58 app WARN no", "2024-05-21 10:04:58", 3, None, "app WARN no"),
    ("timestamped", "2024-05-21 10:04:58  PID[4711] Warning     no", "2024-05-21 10:04:58", 3, None, "PID[4711] Warning     no"),
    ("timestamped", "Tue May 21 10:04:58 2024 error: no", "2024-05-21 10:04:58", 2, None, "error: no"),
    ("timestamped", "21.05.2024 10:04:58\tno", "2024-05-21 10:04:58", 0, None, "no"),
    ("timestamped", "20240521T100458Z | no", "2024-05-21 10:04:58", 0, None, "no"),
    ("timestamped", "1716285898.5 no", "2024-05-21 10:04:58.500000", 0, None, "no"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "line", "time", "level", "provider", "message"), LINES, ids=lambda value: str(value)[:40])
def test_layout(module: str, line: str, time: str | None, level: int, provider: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_text(f"{line}\n\tfolded\n{line}\n")
    read = reading.read(path)
    assert read.format is reading.by_module(module)
    assert len(read.frame) == 2
    first = read.frame.row(0, named=True)
    moment = read.frame["time"].cast(pl.Datetime("us"))[0]
    assert (
        None if moment is None else str(moment),
        first["level"] or 0,
        first["provider"],
        first["message"].removesuffix("\n\tfolded").removesuffix("folded"),
    ) == (
        time,
        level,
        provider,
        message,
    )
    fields = dict(read.format.fields(read.raw(0)))
    assert isinstance(read.format, LineLog)
    assert fields["message"].startswith(message.split("\n", maxsplit=1)[0])
