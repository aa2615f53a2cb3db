"""Why a token was refused: lines of reasoning over the events, each with its evidence."""

from __future__ import annotations

from typing import Final

from inspector.diagnosis.base import Reasoning
from inspector.diagnosis.codes import Codes
from inspector.diagnosis.logger_marks import LoggerMarks
from inspector.diagnosis.replies import Replies
from inspector.diagnosis.token_checks import TokenChecks
from inspector.diagnosis.windows import Windows

REASONING: Final[tuple[Reasoning, ...]] = (Codes(), Windows(), TokenChecks(), Replies(), LoggerMarks())
"""Every line of reasoning, in the order in which its words win where weights are equal."""
