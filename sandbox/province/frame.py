"""The real frame: 13 cities, 95 counties, 11 functional zones, townships, and two censuses by sex and age band."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from ingest import settings
from sandbox.province.counts import Floats, Ints, apportion

REFERENCE = Path(__file__).parents[1] / "reference"
BANDS = ("0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+")
SEXES = ("male", "female")
LATER_CODES = {"320576": "320571"}  # 苏州工业园区 in the township list of 2023


# Counties of other provinces.
ELSEWHERE = ["341122", "341522", "410725", "371321", "330106", "420116", "411602", "340881"]


@dataclass(frozen=True)
class Frame:
    """The 107 units of the 2020 census: 95 counties (崇川 and 港闸 still apart) and 11 zones, by code."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    is_zone: np.ndarray  # (107,) bool
    macro: Floats  # (107,) 1 苏南, 0 苏中, -1 苏北
    bands: Ints  # (107, 2, 19) persons at the 2020 census by sex and age band
    urban: Floats  # (107,) share of urban persons at the 2020 census
    growth: Floats  # (107,) yearly log growth of the unit's city between the two censuses

    def labels(self, year: int) -> list[str]:
        """The code of each unit in a year: 崇川 and 港闸 are one county, 海门 a district, from 2020 on."""
        renamed = {"320613": "320602", "320614": "320684"} if year < 2020 else {"320611": "320613"}
        return [renamed.get(code, code) for code in self.codes]

    def codes_in(self, year: int, units: Ints) -> pl.Series:
        """The codes of units in a year."""
        return pl.Series(self.labels(year)).gather(units)

    def recode(self, known: int, year: int) -> dict[str, str]:
        """What the codes of one year were in another; before 2020, the merged 崇川 is taken for the 崇川 of before."""
        later = {"320613": "320602"} if year < 2020 else {}
        return dict(zip(self.labels(known), self.labels(year), strict=True)) | later

    def groups(self, year: int) -> tuple[list[str], Ints]:
        """(distinct codes of the year, index of each unit's code among them)."""
        labels = self.labels(year)
        distinct = sorted(set(labels))
        return distinct, np.array([distinct.index(label) for label in labels])


def read(name: str) -> pl.DataFrame:
    """A file of sandbox/reference; codes stay text."""
    text = {"region_code", "county_code", "city_code", "township_code", "age_band", "period"}
    text |= {"county_code_a", "county_code_b"}
    path = REFERENCE / name
    columns = path.read_text("utf-8").splitlines()[1].split(",")
    return pl.read_csv(path, comment_prefix="#", schema_overrides={c: pl.String for c in columns if c in text})


@cache
def read_frame() -> Frame:
    totals = read("census_totals.csv").filter(pl.col("census_year") == 2020)
    units = totals.filter(~pl.col("region_code").str.ends_with("00")).sort("region_code")
    codes, names = tuple(units["region_code"]), tuple(units["region_name"])
    cities = read("cities.csv").with_columns(
        pl.col("macro_region").replace_strict({"south": 1.0, "central": 0.0, "north": -1.0})
    )
    macro = dict(cities.select("city_code", "macro_region").iter_rows())
    counted = {
        (y, c): p for y, c, p in read("census_totals.csv").select("census_year", "region_code", "persons").iter_rows()
    }
    city = [f"{code[:4]}00" for code in codes]
    return Frame(
        codes=codes,
        names=names,
        is_zone=np.array([code[4] == "7" for code in codes]),
        macro=np.array([macro[c] for c in city]),
        bands=fill_zones(codes, units["persons"].to_numpy()),
        urban=_urban_shares(totals, units),
        growth=np.array([np.log(counted[2020, c] / counted[2010, c]) / 10 for c in city]),
    )


def census_bands(year: int) -> dict[str, Ints]:
    """Persons (2, 19) by code at a census."""
    table = read("census_population.csv").filter(pl.col("census_year") == year)
    wide = table.pivot("age_band", index=["region_code", "sex"], values="persons").select("region_code", "sex", *BANDS)
    found: dict[str, Ints] = {}
    for code, sex, *persons in wide.iter_rows():
        found.setdefault(code, np.zeros((2, len(BANDS)), np.int64))[SEXES.index(sex)] = persons
    return found


def fill_zones(codes: tuple[str, ...], persons: Ints) -> Ints:
    """Persons (units, 2, 19) in 2020; a zone known by its total only takes its part of what is left of its city."""
    found = census_bands(2020)
    filled = np.stack([found.get(code, np.zeros((2, len(BANDS)), np.int64)) for code in codes])
    bare = [i for i, code in enumerate(codes) if code not in found]
    for city in sorted({codes[i][:4] for i in bare}):
        zones = [i for i in bare if codes[i][:4] == city]
        left = found[f"{city}00"] - filled[[i for i, c in enumerate(codes) if c[:4] == city]].sum(axis=0)
        for i in zones[:-1]:
            filled[i] = apportion(persons[[i]], left.reshape(1, -1).astype(float)).reshape(left.shape)
            left = left - filled[i]
        filled[zones[-1]] = left
    return filled


def _urban_shares(totals: pl.DataFrame, units: pl.DataFrame) -> Floats:
    city = pl.col("region_code").str.slice(0, 4).alias("city")
    cities = totals.filter(pl.col("region_code").str.ends_with("00")).select(city, "urban", all="persons")
    known = units.filter(pl.col("urban").is_not_null()).group_by(city).agg(u=pl.sum("urban"), p=pl.sum("persons"))
    left = cities.join(known, on="city").select(
        "city", rest=(pl.col("urban") - pl.col("u")) / (pl.col("all") - pl.col("p"))
    )
    joined = units.with_columns(city).join(left, on="city", how="left", maintain_order="left")
    return joined.select(pl.coalesce(pl.col("urban") / pl.col("persons"), "rest")).to_series().to_numpy()


@cache
def read_townships() -> pl.DataFrame:
    """township_code, name, county_code, county_name, kind: the list of 2023, under our codes of the zones."""
    return read("townships.csv").with_columns(pl.col("county_code").replace(LATER_CODES))


@cache
def read_points() -> list[tuple[float, float]]:
    """A point in each unit; a zone lies in the middle of its city."""
    table = read("county_points.csv").select("county_code", "lon", "lat")
    points = {code: (lon, lat) for code, lon, lat in table.iter_rows()}
    city: dict[str, list[tuple[float, float]]] = {}
    for code, point in points.items():
        city.setdefault(code[:4], []).append(point)
    middle = {c: tuple(np.mean(p, axis=0).tolist()) for c, p in city.items()}
    return [points.get(code, middle[code[:4]]) for code in read_frame().labels(2023)]


@cache
def read_county_codes() -> pl.DataFrame:
    """code, name, level, valid_from, valid_to (years, inclusive), successor_code."""
    path = settings.REFERENCE / "county_codes.csv"
    return pl.read_csv(path, comment_prefix="#", schema_overrides={"code": pl.String, "successor_code": pl.String})
