"""The use cases: open logs, query, inspect, diagnose, export. Window, command line and report are thin faces of it."""

from inspector.diagnosis.dictionary import RuleError
from inspector.session.kinship import Kinship, kinship
from inspector.session.model import Completion, Detail, Facet, Histogram, Options, Page, Rows
from inspector.session.reopening import Marked, Reopened, case_of, keeping, locate, reopen
from inspector.session.session import Session, format_titles
from inspector.session.supplying import JudgedWith, judged_with

__all__ = [
    "Completion",
    "Detail",
    "Facet",
    "Histogram",
    "JudgedWith",
    "Kinship",
    "Marked",
    "Options",
    "Page",
    "Reopened",
    "Rows",
    "RuleError",
    "Session",
    "case_of",
    "format_titles",
    "judged_with",
    "keeping",
    "kinship",
    "locate",
    "reopen",
]
