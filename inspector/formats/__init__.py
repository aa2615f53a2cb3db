"""The log formats that can be opened, in the order in which they are asked."""

from __future__ import annotations

from typing import Final

from inspector.formats.access_log import ACCESS_LOG
from inspector.formats.aspnet_console import ASPNET_CONSOLE
from inspector.formats.base import Format
from inspector.formats.cloudtrail import CLOUDTRAIL
from inspector.formats.entra_signin import ENTRA_SIGNIN
from inspector.formats.event_viewer_text import EVENT_VIEWER_TEXT
from inspector.formats.glog import GLOG
from inspector.formats.har import HAR
from inspector.formats.java_util_logging import JAVA_UTIL_LOGGING
from inspector.formats.json_array import JSON_ARRAY
from inspector.formats.json_lines import JSON_LINES
from inspector.formats.keycloak import KEYCLOAK
from inspector.formats.lines import LINES
from inspector.formats.log4net import LOG4NET
from inspector.formats.logback import LOGBACK
from inspector.formats.nlog import NLOG
from inspector.formats.python_logging import PYTHON_LOGGING
from inspector.formats.serilog import SERILOG
from inspector.formats.syslog import SYSLOG
from inspector.formats.timestamped import TIMESTAMPED
from inspector.formats.weblogic import WEBLOGIC
from inspector.formats.websphere import WEBSPHERE

FORMATS: Final[tuple[Format, ...]] = (
    EVENT_VIEWER_TEXT,
    CLOUDTRAIL,
    ENTRA_SIGNIN,
    HAR,
    JSON_LINES,
    JSON_ARRAY,
    LOG4NET,
    NLOG,
    LOGBACK,
    KEYCLOAK,
    SERILOG,
    ASPNET_CONSOLE,
    PYTHON_LOGGING,
    SYSLOG,
    GLOG,
    WEBSPHERE,
    WEBLOGIC,
    JAVA_UTIL_LOGGING,
    ACCESS_LOG,
    TIMESTAMPED,
    LINES,
)
"""Every format; of equal scores the file name's ending decides, then the earlier one."""
