"""glog and klog: level letter, month and day, time, thread, file:line]."""

from __future__ import annotations

from typing import Final

from inspector.formats.text.line_log import LineLayout, LineLog

GLOG: Final = LineLog(
    "glog",
    "glog, Kubernetes klog",
    "lines such as E0521 10:04:58.117264    4711 file.go:253] message",
    (
        LineLayout(
            r"(?P<level>[IWEFD])(?P<time>(?:\d{4})?\d{4} \d\d:\d\d:\d\d\.\d{6}) +(?P<task>\d+) (?P<provider>[\w./-]+:\d+)\] ",
            score=94,
            without_year=True,
        ),
    ),
)
