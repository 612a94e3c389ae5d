"""Raw cells of any encoding as text."""

from __future__ import annotations

import codecs
import re

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ingest.exchange import Texts, to_arrow, to_bytes

SEPARATOR = b"\x1f"
BETWEEN = pl.Series([SEPARATOR]).to_arrow().cast(pa.binary())
# The characters that decoders of GB18030 map to the private use area, at their standard places (GB 18030-2022).
PRIVATE = {
    **{chr(0xE78D + i): c for i, c in enumerate("︐︒︑︓︔︕︖︗︘︙")},
    **dict(zip("\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", "龴龵龶龷龸龹龺龻", strict=True)),
}
_PRIVATE_USE = re.compile("[" + "".join(PRIVATE) + "]")


def decode(cells: pa.Array, encoding: str) -> Texts:
    """Binary cells -> texts, one codec call for all that is not ASCII; U+FFFD marks a broken character."""
    if pa.types.is_null(cells.type) or len(cells) == 0:
        return Texts(pa.array([], pa.string()))
    data, offsets = to_bytes(cells)
    is_high = data >= 0x80
    high = np.count_nonzero(is_high)
    if high * 16 > len(is_high):
        return Texts(_decode_all(cells, encoding))
    if not high:
        return Texts(_text(offsets, data))
    places = np.flatnonzero(is_high)
    rows = np.unique(np.searchsorted(offsets, places, side="right") - 1)
    plain = data.copy()
    plain[places] = 0
    few = pl.Series(_decode_all(cells.take(to_arrow(rows)), encoding))
    return Texts(pl.Series(_text(offsets, plain)).scatter(rows, few))


def _text(offsets: np.ndarray, data: np.ndarray) -> pa.Array:
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _decode_all(cells: pa.Array, encoding: str) -> pa.Array:
    """Join with the unit separator, decode once, split again."""
    whole = pa.ListArray.from_arrays(to_arrow(np.array([0, len(cells)], np.int32)), cells)
    text = codecs.decode(pc.binary_join(whole, BETWEEN)[0].as_buffer(), encoding, "replace")
    flat = text.encode()
    if b"\xee" in flat and _PRIVATE_USE.search(text):
        flat = text.translate({ord(k): v for k, v in PRIVATE.items()}).encode()
    ends = np.flatnonzero(np.frombuffer(flat, np.uint8) == SEPARATOR[0])
    if len(ends) != len(cells) - 1:  # a cell has a separator of its own: decode one by one
        one_by_one = (c.decode(encoding, "replace") for c in cells.to_pylist())
        return pa.array([_PRIVATE_USE.sub(lambda m: PRIVATE[m[0]], t) for t in one_by_one], pa.string())
    kept = flat.replace(SEPARATOR, b"")
    offsets = np.concatenate([[0], ends - np.arange(len(ends)), [len(kept)]]).astype(np.int32)
    return _text(offsets, np.frombuffer(kept, np.uint8))
