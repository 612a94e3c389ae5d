"""Cells without a value: however a sheet is written, an error or a formula that nobody computed is never a null."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest
import python_calamine
import xlsxwriter
from desk import HEADER, Desk, row

from ingest.reading.workbook import book
from ingest.reading.workbook.reference import letters_of, number_of
from ingest.reading.workbook.spoilt import Spoilt, find_spoilt, is_suspect

BOOK = "名册_2020年09月.xlsx"
SHEET = "xl/worksheets/sheet1.xml"
FEE, PROVIDER, TIMES, CHECKED = (HEADER.index(h) for h in ("费用", "机构", "次数", "是否核验"))


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk whose contract promises workbooks."""
    desk.inbox.mkdir(parents=True, exist_ok=True)
    return replace(desk, contract=replace(desk.contract, format="xlsx"))


ERRORS = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"]


def test_an_error_and_a_formula_without_its_value_are_rejects_and_never_nulls(office: Desk) -> None:
    path = office.inbox / BOOK
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet()
        for r, cells in enumerate([HEADER, *(row(n) for n in range(20))]):
            sheet.write_row(r, 0, cells)
        for r, error in enumerate(ERRORS, 1):
            sheet.write_formula(r, PROVIDER if r % 2 else FEE, "=NA()", None, error)
        sheet.write_formula(8, FEE, "=1+1", None, "")  # without a value
        sheet.write_formula(9, PROVIDER, "=A1&B1", None, "")
        sheet.write_formula(10, TIMES, "=1+1", None, 2)
        sheet.write_formula(11, PROVIDER, '=IF(1,"夕阳红","")', None, "夕阳红")
    path.write_bytes(
        edit(
            path.read_bytes(),
            SHEET,
            lambda xml: xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f>").replace(
                b"<f>A1&amp;B1</f><v></v>", b'<f aca="1">A1&amp;B1</f><v />'
            ),
        )
    )
    found = office.take(path)
    assert found.rejects == [
        *((n, "provider" if n % 2 == 0 else "fee_cny", "error_cell") for n in range(2, 9)),
        (9, "fee_cny", "no_value"),
        (10, "provider", "no_value"),
    ]
    assert [(r["times"], r["provider"]) for r in found.rows[:2]] == [(2, "夕阳红"), (3, "夕阳红")]


def edit(whole: bytes, part: str, change: Any) -> bytes:
    """The workbook with one part changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return made.getvalue()


def found_in(xml: bytes, is_stale: bool = False) -> Spoilt:
    """What is found in the rows of a sheet, which must be suspect before."""
    assert is_suspect(xml)
    return find_spoilt(io.BytesIO(b"<x:s xmlns:x='x'>" + xml + b"</x:s>"), is_stale)


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_what_has_no_value_is_found_however_the_sheet_is_written(prefix: bytes) -> None:
    xml = (
        b"<row r='7'><c r='B7' t='e'><v>#REF!</v></c><c t=\"e\" r=\"C7\"><f>NA()</f><v>#GETTING_DATA</v></c>"
        b"<c r='D7' s='1'><f t='shared' si='0'/><v/></c><c r='E7' t='str'><f>A1</f><v></v></c>"
        b"<c r='F7'><f>A1</f><v>5</v></c><c r='AA7'><f>A1</f></c><c r='G7'/><c r='H7'><v>1</v></c></row>"
    )
    assert found_in(re.sub(rb"<(/?)(?=\w)", rb"<\1" + prefix, xml)) == {6: {1: "#REF!", 2: "#N/A", 3: "=", 26: "="}}


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (b"<c r='B1' t='str'><f>A1</f></c>", "="),
        (b"<c r='B1' t='str'><f>A1</f><v/></c>", None),
        (b"<c r='B1' t='b'><f>A1</f></c>", "="),
        (b"<c r='B1'><f>A1</f><!-- none --></c>", "="),
        (b"<c r='B1'><f><![CDATA[IF(A1<3,1,2)]]></f></c>", "="),
        (b"<c r='B1'><f>A1</f><v><![CDATA[3]]></v></c>", None),
        (b"<c r='B1'><f>A1</f><v>0</v></c>", None),
        (b"<c\n t = \"e\"\n r = 'B1'><v>#REF!</v></c>", "#REF!"),
        (b"<c r='b1' t='e'><v>#N/A</v></c>", "#N/A"),
        (b"<c r='B1' t='e'/>", "#N/A"),
    ],
)
def test_a_cell_is_judged_by_what_its_xml_means(cell: bytes, shown: str | None) -> None:
    assert found_in(b"<row r='1'><c r='A1'><v>1</v></c>" + cell + b"</row>") == ({0: {1: shown}} if shown else {})


def test_a_formula_of_a_rule_far_behind_the_cells_is_none_of_them() -> None:
    assert found_in(b"<row r='1'><c r='A1'><f>1</f><v>1</v></c><c/></row><e><x:f>A2</x:f></e>", is_stale=True) == {}


def test_data_validation_and_text_make_no_sheet_suspect() -> None:
    assert not is_suspect(b"<row r='1'><c r='A1' t='inlineStr'><is><t>a:f</t></is></c></row><formula1>1</formula1>")


@pytest.mark.parametrize(
    ("cell", "is_spoilt"),
    [
        (b"<c r='A1'><f>1+2</f><v>0</v></c>", True),
        (b"<c r='A1'><f>1+2</f><v>0.0</v></c>", True),
        (b"<c r='A1'><f>1+2</f><v>3</v></c>", False),
        (b"<c r='A1' t='str'><f>A2</f><v></v></c>", True),
        (b"<c r='A1' t='str'><f>A2</f><v>0</v></c>", False),
        (b"<c r='A1' t='b'><f>A2</f><v>0</v></c>", False),
        (b"<c r='A1'><v>0</v></c><c r='B1'><f>1</f><v>1</v></c>", False),
    ],
)
def test_of_formulas_to_be_computed_only_those_with_a_value_have_one(cell: bytes, is_spoilt: bool) -> None:
    assert found_in(b"<row r='1'>" + cell + b"</row>", is_stale=True) == ({0: {0: "="}} if is_spoilt else {})


def test_a_cell_that_does_not_say_where_it_stands_is_found_where_it_is_read(office: Desk) -> None:
    blank = b"<c t='e'><v>#N/A</v></c>"
    rows = (
        b"<row><c><v>1</v></c>%b<c><v>3</v></c></row><row/><row>%b<c r='C3'><v>1</v></c>%b</row>"
        b"<row r='5'><c r='B6'><v>2</v></c>%b</row><row>%b</row>"
    )
    found = found_in(rows % ((blank,) * 5))
    spoilt = {(r, c) for r, cells in found.items() for c in cells}
    written = rows % tuple(b"<c><v>%d</v></c>" % n for n in range(95, 100))
    path = office.inbox / BOOK
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet().write(0, 0, 1)
    whole = edit(path.read_bytes(), SHEET, lambda xml: re.sub(rb"<row.*</row>", written, xml))
    cells = list(python_calamine.load_workbook(io.BytesIO(whole)).get_sheet_by_index(0).iter_rows())
    read = {(r, c) for r, row in enumerate(cells) for c, cell in enumerate(row) if cell != "" and cell >= 95}
    assert spoilt == read == {(0, 1), (2, 0), (2, 3), (4, 2), (5, 0)}


def test_a_formula_written_by_software_that_does_not_compute_is_no_zero(office: Desk) -> None:
    path = office.inbox / BOOK
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet()
        for r, cells in enumerate([HEADER, *(row(n) for n in range(4))]):
            sheet.write_row(r, 0, cells)
        sheet.write_formula(1, TIMES, "=1+2")
        sheet.write_formula(2, TIMES, "=90+5", None, 95)
        sheet.write_number(3, TIMES, 0)
        sheet.write_formula(4, FEE, "=1+2")
    plain = path.read_bytes()
    found = office.take(path)
    assert found.rejects == [(2, "times", "no_value"), (5, "fee_cny", "no_value")]
    assert [r["times"] for r in found.rows] == [95, 0]
    path.write_bytes(edit(plain, "xl/workbook.xml", lambda xml: xml.replace(b' fullCalcOnLoad="1"', b"")))
    found = office.take(path, version="1.0.1")  # the zeros were computed
    assert (found.rejects, [r["times"] for r in found.rows]) == ([], [0, 95, 0, 3])


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_sheet_of_whole_pieces_is_looked_at_to_its_end(
    office: Desk, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    path = office.inbox / BOOK
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet()
        sheet.write_column(0, 0, range(99))
        sheet.write_formula(99, 0, "=NA()", None, "#N/A")
    path.write_bytes(edit(path.read_bytes(), SHEET, lambda xml: xml + b"\n" * (len(xml) % 2)))
    with book.opened(path) as archive:
        (leaf,) = book.leaves(archive)
        monkeypatch.setattr(book, "CHUNK", len(archive.read(SHEET)) // pieces)
        assert book.look(archive, leaf) == ({99: {0: "#N/A"}}, [])


def test_without_references_an_error_is_a_reject_in_its_own_row_and_column(office: Desk) -> None:
    path = office.inbox / BOOK
    with xlsxwriter.Workbook(str(path)) as made:
        sheet, bold = made.add_worksheet(), made.add_format({"bold": True})
        for r, cells in enumerate([HEADER, *(row(n) for n in range(3))]):
            for c, cell in enumerate(cells):
                sheet.write(r, c, cell, bold)  # with a format an empty cell is written, too
        sheet.write_formula(2, PROVIDER, "=NA()", None, "#N/A")
        sheet.write_formula(3, CHECKED, "=A1", None, "")
    path.write_bytes(edit(path.read_bytes(), SHEET, lambda xml: re.sub(rb' r="[A-Z]*[0-9]+"', b"", xml)))
    found = office.take(path)
    assert found.rejects == [(3, "provider", "error_cell"), (4, "is_checked", "no_value")]
    assert len(found.rows) == 1


def test_the_columns_are_called_as_in_a_workbook() -> None:
    assert [number_of(letters) for letters in ("A", "Z", "AA", "az", "XFD")] == [0, 25, 26, 51, 16383]
    assert [letters_of(number) for number in (0, 25, 26, 51, 16383)] == ["A", "Z", "AA", "AZ", "XFD"]
