"""The filter language: what a person writes in the filter bar, as conditions on rows and as an English sentence."""

from inspector.query.conditions import Chosen, Condition, Every, Negation, Said, Some, Test, as_expression
from inspector.query.fields import FIELDS, Field
from inspector.query.parser import Place, Query, QueryError, parse, place_at, quoted_value

__all__ = [
    "FIELDS",
    "Chosen",
    "Condition",
    "Every",
    "Field",
    "Negation",
    "Place",
    "Query",
    "QueryError",
    "Said",
    "Some",
    "Test",
    "as_expression",
    "parse",
    "place_at",
    "quoted_value",
]
