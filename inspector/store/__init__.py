"""The event table on disk and in memory: immutable segments, picked and fetched by row number."""

from inspector.store.counting import Binned, as_datetime
from inspector.store.events import EventStore
from inspector.store.segments import Rows, SegmentBuilder, SegmentFile, normalised, write_segment

__all__ = ["Binned", "EventStore", "Rows", "SegmentBuilder", "SegmentFile", "as_datetime", "normalised", "write_segment"]
