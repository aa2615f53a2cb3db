"""Events as columns where display information was saved with the log: its texts stand above the data, in place of our own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import MessageFrom
from inspector.formats.base import text_flags
from inspector.formats.evtx import event_xml
from inspector.formats.evtx.columns import EventColumns
from inspector.formats.evtx.display_information import DisplayInformation

Integers = npt.NDArray[np.int64]


class DisplayedColumns(EventColumns):
    """Makes frames of events; records without a text there keep the message that they have without it."""

    reads_chunks = False

    def __init__(self, display: DisplayInformation) -> None:
        super().__init__()
        self._display = display

    def frame(
        self, texts: Sequence[str], offsets: Integers, lengths: Integers, written: Integers, flags: npt.NDArray[np.uint16]
    ) -> pl.DataFrame:
        """Rows for the events, as ``EventColumns.frame`` gives them."""
        frame = super().frame(texts, offsets, lengths, written, flags)
        shown = self._display.texts(frame["position"].to_numpy())
        known = np.array([text is not None for text in shown], bool)
        if not known.any():
            return frame
        data = frame["message"]
        headed = np.flatnonzero(known & (frame["message_from"].to_numpy() != int(MessageFrom.EVENT_DATA)))
        if len(headed):
            lines = [event_xml.as_lines(event_xml.parse(texts[row]).data) for row in headed.tolist()]
            data = data.scatter(headed, pl.Series(lines, dtype=pl.String))
        columns = pl.DataFrame({"text": pl.Series(shown, dtype=pl.String), "data": data, "message": frame["message"]})
        message = columns.select(
            pl.when(pl.col("text").is_null())
            .then(pl.col("message"))
            .when(pl.col("data") == "")
            .then(pl.col("text"))
            .otherwise(pl.concat_str("text", pl.lit("\n\n"), "data", ignore_nulls=True))
            .alias("message")
        )["message"]
        source = np.where(known, np.uint8(MessageFrom.DISPLAY_INFORMATION), frame["message_from"].to_numpy())
        return frame.with_columns(message, pl.Series("message_from", source, pl.UInt8)).with_columns(
            flags=text_flags(pl.col("message")) | pl.lit(pl.Series(flags))
        )
