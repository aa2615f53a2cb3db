"""Why a token was refused: lines of reasoning over the events, each with its evidence."""

from __future__ import annotations

from typing import Final

from inspector.diagnosis.advice import Practices
from inspector.diagnosis.base import Reasoning, Review
from inspector.diagnosis.clocks import Clocks
from inspector.diagnosis.codes import Codes
from inspector.diagnosis.constancy import Constancy
from inspector.diagnosis.coverage import Questions
from inspector.diagnosis.logger_marks import LoggerMarks
from inspector.diagnosis.near_misses import NearMisses
from inspector.diagnosis.replies import Replies
from inspector.diagnosis.sightings import Sightings
from inspector.diagnosis.token_checks import TokenChecks
from inspector.diagnosis.what_if import Settings
from inspector.diagnosis.windows import Windows

REASONING: Final[tuple[Reasoning, ...]] = (Codes(), Windows(), Constancy(), NearMisses(), TokenChecks(), Replies(), LoggerMarks())
"""Every line of reasoning over one incident, in the order in which its words win where weights are equal."""

REVIEWS: Final[tuple[Review, ...]] = (Clocks(), Questions(), Settings(), Sightings(), Practices())
"""Every look over the whole, after the findings."""
