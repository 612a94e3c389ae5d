"""What the statistics bureau reports: whole persons at their shares, under the codes of the year."""

from __future__ import annotations

from typing import Any

from clerk import Read

from sandbox.province.frame import read_frame

POPULATION = "statistics/resident_population"


def test_a_county_has_its_share_of_persons_in_whole_numbers(good_rows: Read) -> None:
    """江阴市 had 1,779,515 persons at the census of 2020, so 1,780 at a thousandth."""
    frame = read_frame()
    census = dict(zip(frame.codes, frame.bands.sum(axis=(1, 2)).tolist(), strict=True))
    rows = good_rows(POPULATION, "常住人口_2020年")
    written = {
        code: sum(int(r["年末常住人口"]) for r in rows if r["地区代码"] == code and r["口径"] == "七普")
        for code in ("320281", "320583", "320771")
    }
    assert written == {code: round(census[code] / 1000) for code in written}


def test_2019_uses_the_codes_of_2019(good_rows: Read) -> None:
    codes = {
        y: {r["地区代码"] for r in good_rows("statistics/resident_population", f"常住人口_{y}年")} for y in (2019, 2020)
    }
    assert codes[2019] - codes[2020] == {"320602", "320611", "320684"}
    assert codes[2020] - codes[2019] == {"320613", "320614"}


def test_both_vintages_stand_side_by_side_until_2020(good_rows: Read) -> None:
    bases = {
        y: {r["口径"] for r in good_rows("statistics/resident_population", f"常住人口_{y}年")} for y in (2020, 2021)
    }
    assert bases == {2020: {"六普", "七普"}, 2021: {"七普"}}


def test_census_subtotals_add_up(sheet_rows: Any) -> None:
    """南京市合计 is the sum of the eleven rows under it, in every column."""
    rows = sheet_rows("statistics/census", "人口普查分县资料_2020年")
    at = next(i for i, row in enumerate(rows) if row[0] == "南京市合计")
    assert rows[at][2:] == [sum(column) for column in zip(*(r[2:] for r in rows[at + 1 : at + 12]), strict=True)]
    assert [r[1][:4] for r in rows[at + 1 : at + 12]] == ["3201"] * 11


def test_the_census_keeps_the_codes_of_its_year(sheet_rows: Any) -> None:
    codes = {y: {r[1] for r in sheet_rows("statistics/census", f"人口普查分县资料_{y}年")} for y in (2010, 2020)}
    assert {"320611", "320613", "320614", "320771"} <= codes[2020]
    assert {"320611", "320602", "320684", "320323"} <= codes[2010]
    assert "320613" not in codes[2010]
