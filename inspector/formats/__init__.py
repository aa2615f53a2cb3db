"""The log formats that can be opened, in the order in which they are asked."""

from __future__ import annotations

from typing import Final

from inspector.formats.access_log import ACCESS_LOG
from inspector.formats.adfs_debug import ADFS_DEBUG
from inspector.formats.aspnet_console import ASPNET_CONSOLE
from inspector.formats.base import Format
from inspector.formats.cloudtrail import CLOUDTRAIL
from inspector.formats.containers import CONTAINERS
from inspector.formats.dotnet_trace import DOTNET_TRACE
from inspector.formats.entra_signin import ENTRA_SIGNIN
from inspector.formats.event_csv import EVENT_CSV
from inspector.formats.event_viewer_text import EVENT_VIEWER_TEXT
from inspector.formats.evt import EVT
from inspector.formats.evtx import EVTX
from inspector.formats.glog import GLOG
from inspector.formats.har import HAR
from inspector.formats.iis_w3c import IIS_W3C
from inspector.formats.java_util_logging import JAVA_UTIL_LOGGING
from inspector.formats.json_array import JSON_ARRAY
from inspector.formats.json_lines import JSON_LINES
from inspector.formats.keycloak import KEYCLOAK
from inspector.formats.lines import LINES
from inspector.formats.log4j_xml import LOG4J_XML
from inspector.formats.log4net import LOG4NET
from inspector.formats.logback import LOGBACK
from inspector.formats.nlog import NLOG
from inspector.formats.powershell_list import POWERSHELL_LIST
from inspector.formats.powershell_table import POWERSHELL_TABLE
from inspector.formats.python_logging import PYTHON_LOGGING
from inspector.formats.record_list import RECORD_LIST
from inspector.formats.serilog import SERILOG
from inspector.formats.sharepoint_uls import SHAREPOINT_ULS
from inspector.formats.snippet import SNIPPET
from inspector.formats.svclog import SVCLOG
from inspector.formats.syslog import SYSLOG
from inspector.formats.timestamped import TIMESTAMPED
from inspector.formats.weblogic import WEBLOGIC
from inspector.formats.websphere import WEBSPHERE
from inspector.formats.wevtutil_text import WEVTUTIL_TEXT
from inspector.formats.windows_event_xml import WINDOWS_EVENT_XML
from inspector.formats.wse_trace import WSE_TRACE

FORMATS: Final[tuple[Format, ...]] = (
    EVTX,
    EVT,
    EVENT_VIEWER_TEXT,
    RECORD_LIST,
    EVENT_CSV,
    CONTAINERS,
    WEVTUTIL_TEXT,
    POWERSHELL_LIST,
    POWERSHELL_TABLE,
    SHAREPOINT_ULS,
    IIS_W3C,
    WINDOWS_EVENT_XML,
    SVCLOG,
    LOG4J_XML,
    WSE_TRACE,
    CLOUDTRAIL,
    ENTRA_SIGNIN,
    HAR,
    JSON_LINES,
    JSON_ARRAY,
    ADFS_DEBUG,
    DOTNET_TRACE,
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
    SNIPPET,
    LINES,
)
"""Every format; of equal scores the file name's ending decides, then the earlier one."""
