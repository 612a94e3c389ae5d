"""Raw cells of any encoding as text."""

from __future__ import annotations

import codecs
import re

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

SEPARATOR = 0x1F
# The characters that decoders of GB18030 map to the private use area, at their standard places (GB 18030-2022).
PRIVATE = {
    **{chr(0xE78D + i): c for i, c in enumerate("︐︒︑︓︔︕︖︗︘︙")},
    **dict(zip("\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", "龴龵龶龷龸龹龺龻", strict=True)),
}
_PRIVATE_USE = re.compile("[" + "".join(PRIVATE) + "]")


def decode(cells: pa.Array, encoding: str) -> pl.Series:
    """Binary cells -> texts, one codec call for all that is not ASCII; U+FFFD marks a broken character."""
    if pa.types.is_null(cells.type) or len(cells) == 0:
        return pl.Series([], dtype=pl.String)
    offsets = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset : cells.offset + len(cells) + 1]
    data = np.frombuffer(cells.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    if data.size == 0 or data.max() < 0x80:
        return pl.Series(_text(cells))
    high = np.flatnonzero(data >= 0x80) + offsets[0]
    rows = np.searchsorted(offsets, high, side="right") - 1
    rows = rows[np.diff(rows, prepend=-1) > 0]
    if len(rows) * 4 > len(cells):
        return pl.Series(_decode_all(cells, encoding))
    odd = pl.Series(_decode_all(cells.take(pa.array(rows)), encoding))
    mask = np.zeros(len(cells), bool)
    mask[rows] = True
    plain = pc.if_else(pa.array(mask), pa.scalar(b"", pa.binary()), cells)
    return pl.Series(_text(plain)).scatter(rows, odd)


def _text(cells: pa.Array) -> pa.Array:
    return pa.StringArray.from_buffers(len(cells), *cells.buffers()[1:3], None, 0, cells.offset)


def _decode_all(cells: pa.Array, encoding: str) -> pa.Array:
    """Join with the unit separator, decode once, split again."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(cells)], pa.int32()), cells)
    text = codecs.decode(pc.binary_join(whole, b"\x1f")[0].as_buffer(), encoding, "replace")
    if _PRIVATE_USE.search(text):
        text = text.translate({ord(k): v for k, v in PRIVATE.items()})
    flat = np.frombuffer(text.encode(), np.uint8)
    ends = np.flatnonzero(flat == SEPARATOR)
    if len(ends) != len(cells) - 1:  # a cell has a separator of its own: decode one by one
        one_by_one = (c.decode(encoding, "replace") for c in cells.to_pylist())
        return pa.array([_PRIVATE_USE.sub(lambda m: PRIVATE[m[0]], t) for t in one_by_one], pa.string())
    kept = flat[flat != SEPARATOR]
    offsets = np.concatenate([[0], ends - np.arange(len(ends)), [len(kept)]]).astype(np.int32)
    return pa.StringArray.from_buffers(len(cells), pa.py_buffer(offsets), pa.py_buffer(kept))
