"""The use cases: open logs, query, inspect, diagnose, export. Window, command line and report are thin faces of it."""

from inspector.diagnosis.dictionary import RuleError
from inspector.session.model import Completion, Detail, Facet, Histogram, Options, Page, Rows
from inspector.session.session import Session

__all__ = ["Completion", "Detail", "Facet", "Histogram", "Options", "Page", "Rows", "RuleError", "Session"]
