"""行政区划: the province, its cities, counties (with the codes of before), functional zones and townships."""

from __future__ import annotations

import polars as pl

from sandbox.paper.defects import Defect, Defects
from sandbox.paper.inbox import Inbox, find_contract
from sandbox.province.frame import read, read_county_codes, read_frame
from sandbox.province.towns import list_towns

MACRO = {"south": "苏南", "central": "苏中", "north": "苏北"}
TOWNSHIP_TYPES = {"street": "街道", "town": "镇", "township": "乡", "other": "其他"}
URBAN = {"街道": "111", "镇": "121", "乡": "121", "其他": "123"}  # the rural ones are 220, 村庄: assumed
LISTED = "2010-01-01"  # townships are listed as of 2023; all are taken to have been there long before 2019


def write(inbox: Inbox, year: int) -> None:
    """行政区划_<year>年: what has been in use up to the year's end; codes, known by year, run from 1 January."""
    parts = [_top(), _counties(year), _townships(year)]
    names = [column.name for column in find_contract(__name__).columns]
    frame = pl.concat(parts, how="diagonal").select(pl.col(names).cast(pl.String))
    inbox.send(__name__, year, frame, _defects(year))


def _top() -> pl.DataFrame:
    province = pl.DataFrame(
        {"division_code": "320000", "level": "省", "name": "江苏省", "unit_type": "省", "valid_from": "1981-01-01"}
    )
    cities = read("cities.csv").select(
        division_code="city_code",
        parent_code=pl.lit("320000"),
        level=pl.lit("设区市"),
        name="name",
        unit_type=pl.lit("设区市"),
        macro_region=pl.col("macro_region").replace_strict(MACRO),
        valid_from=pl.when(pl.col("city_code") == "321300").then(pl.lit("1996-01-01")).otherwise(pl.lit("1983-01-01")),
    )
    return pl.concat([province, cities], how="diagonal")


def _counties(year: int) -> pl.DataFrame:
    known = read_county_codes().filter(pl.col("valid_from") <= year)
    ended = pl.col("valid_to").is_not_null() & (pl.col("valid_to") <= year)
    is_zone = pl.col("level") == "zone"
    kind = (
        pl.when(is_zone).then(pl.lit("开发区"))
        .when(pl.col("name").str.ends_with("区")).then(pl.lit("市辖区"))
        .when(pl.col("name").str.ends_with("市")).then(pl.lit("县级市"))
        .otherwise(pl.lit("县"))
    )  # fmt: skip
    one_heir = pl.col("successor_code").str.contains("^32[0-9]{4}$")
    return known.select(
        division_code="code",
        parent_code=pl.col("code").str.slice(0, 4) + "00",
        level=pl.when(is_zone).then(pl.lit("功能区")).otherwise(pl.lit("县级")),
        name="name",
        unit_type=kind,
        is_eval_unit=pl.when(is_zone).then(pl.lit("否")).otherwise(pl.lit("是")),
        valid_from=pl.format("{}-01-01", "valid_from"),
        valid_to=pl.when(ended).then(pl.format("{}-01-01", "valid_to")),
        successor_code=pl.when(ended & one_heir).then("successor_code"),
    )


def _townships(year: int) -> pl.DataFrame:
    kind = pl.col("kind").replace_strict(TOWNSHIP_TYPES)
    return (
        list_towns()
        .unique("township_code", keep="first", maintain_order=True)
        .sort("township_code")
        .select(
            pl.col("county_code").replace(read_frame().recode(2023, year)).alias("parent_code"),
            division_code="township_code",
            level=pl.lit("乡级"),
            name="name",
            unit_type=kind,
            urban_rural_code=pl.when("is_rural").then(pl.lit("220")).otherwise(kind.replace_strict(URBAN)),
            valid_from=pl.lit(LISTED),
        )
    )


def _defects(year: int) -> Defects:
    kinds = (
        Defect("pattern", "division_code", "32A102"),
        Defect("not_in_codes", "level", "村级"),
        Defect("date_impossible", "valid_from", "2010-02-30"),
        Defect("required", "name", "暂无"),
        Defect("ragged_row", "*", "more"),
        Defect("pattern", "successor_code", "3206"),
    )
    return Defects(
        kinds, {"division_code": "3299{:02d}", "name": "待核区划{}", "successor_code": ""}, {"name": "重复区划"}
    )
