"""Many cells at once against Python's codecs, one cell at a time."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.reading.decode import decode

CELL = st.text(
    st.sampled_from('aZ09-, "\n\r\x00\x1f张三·㛃㑇𬱖𠮷'), max_size=6
)  # the last four take four bytes in GB18030
BROKEN = st.binary(max_size=6)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@given(data=st.data())
def test_any_mix_of_cells_decodes_as_each_cell_alone(encoding: str, data: st.DataObject) -> None:
    texts = data.draw(st.lists(CELL, max_size=12))
    cells = [text.encode(encoding) for text in ["前", *texts, "后"]]
    assert decode(pa.array(cells, pa.binary())[1:-1], encoding).series.to_list() == texts


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@given(cells=st.lists(BROKEN, max_size=12))
@example(cells=[b"\x81", b",", b"\x81\x30", b"\x1f", b"\xe5\xbc", b"\x1f\xe5\xbc"])
@example(cells=[b"1"] * 9 + [b"\xd5\xc5\xc8", b"\xff"])
def test_a_broken_cell_is_marked_and_breaks_no_other(encoding: str, cells: list[bytes]) -> None:
    found = decode(pa.array(cells, pa.binary()), encoding).series.to_list()
    for cell, text in zip(cells, found, strict=True):
        alone = cell.decode(encoding, "replace")
        if not re.search("[\ue78d-\ue864]", alone):  # the private use area has a test of its own
            assert text == alone or ("\ufffd" in text and "\ufffd" in alone)


def test_characters_that_decoders_move_to_the_private_area_come_home() -> None:
    # GB 18030-2022, table of changes: the 18 two-byte codes and their Unicode characters.
    codes = "A6D9 A6DA A6DB A6DC A6DD A6DE A6DF A6EC A6ED A6F3 FE59 FE61 FE66 FE67 FE6D FE7E FE90 FEA0"
    standard = "FE10 FE12 FE11 FE13 FE14 FE15 FE16 FE17 FE18 FE19 9FB4 9FB5 9FB6 9FB7 9FB8 9FB9 9FBA 9FBB"
    characters = [chr(int(c, 16)) for c in standard.split()]
    two_bytes = [bytes.fromhex(c) for c in codes.split()]
    four_bytes = [c.encode("gb18030") for c in characters]
    assert {len(b) for b in four_bytes} == {4}
    for cells in (two_bytes, four_bytes, [*[b"1"] * 90, *two_bytes]):
        assert decode(pa.array(cells, pa.binary()), "gb18030").series.to_list()[-18:] == characters
    broken = [*two_bytes, b"\x1f\x81"]
    assert decode(pa.array(broken, pa.binary()), "gb18030").series.to_list()[:18] == characters
