"""老年人基本信息: one row for each spell that an old person was registered for during the year."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.paper.defects import RAGGED, Columns, Defect, Defects, each, ways, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_addresses, write_dates, write_ids, write_names, write_towns, write_words
from sandbox.province.citizen import stranger
from sandbox.province.counts import Ints, list_spans, take
from sandbox.province.days import day
from sandbox.province.draw import Keys, generator, pick, unit
from sandbox.province.elders import BLOCK, People, count_people, find_people, parts, write_numbers
from sandbox.province.frame import ELSEWHERE, read, read_frame
from sandbox.province.towns import list_towns, locate, rural_shares

LEVELS = ["能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"]


def write(inbox: Inbox, year: int) -> None:
    """老年人基本信息_<year>年."""
    units = len(read_frame().codes)
    with inbox.open(__name__, year, _defects(year)) as file:
        for first, last in list_spans(count_people(year, inbox.scale, inbox.seed), BLOCK):
            people = find_people(year, first, last, inbox.scale, inbox.seed)
            for part, some in enumerate(parts(people)):
                draw = generator(inbox.seed, "elders", year, first, part)
                file.append(_rows(some, year, inbox.seed, draw), last / units)


def _rows(people: People, year: int, seed: int, draw: np.random.Generator) -> Columns:
    """One row per spell: who moved during the year has two."""
    labels = read_frame().labels(year)
    moving = np.flatnonzero((people.moved > 0) & ~people.institution)
    rows = np.sort(np.concatenate([np.arange(len(people.keys)), moving]), kind="stable")
    second = np.concatenate([[False], rows[1:] == rows[:-1]]) if len(rows) else np.zeros(0, bool)
    birthday, ids = write_numbers(people, seed)
    at, n = take(people, rows), len(rows)
    since = np.where((at.moved > 0) & (second | at.institution), at.moved, at.since)
    until = np.where((at.moved > 0) & ~second & ~at.institution, at.moved, at.until)
    town = locate(at.unit, at.keys, rural_shares(60))
    place = np.where(town < 0, list_towns().height + at.unit, town)
    assessed = day(2016) + pick(at.keys, "assessed", 3650)
    renovated = day(2018) + pick(at.keys, "renovated", 2900)
    unassessed = (unit(at.keys, "assessment") > 0.4) | (assessed >= day(year + 1))
    unrenovated = (unit(at.keys, "renovation") > 0.06) | (renovated >= day(year + 1))
    level = np.searchsorted([0.62, 0.80, 0.90, 0.96], unit(at.keys, "level"))
    return {
        "person_key": write_ids(ids.gather(rows), draw),
        "姓名": write_names(pick(at.keys, "name", 40_000)),
        "birth_date": write_dates(birthday[rows], draw),
        "county_code": read_frame().codes_in(year, at.unit),
        "resident_township": write_towns(town, draw, (draw.random(n) < 0.01) | (town < 0)),
        "住址": write_addresses(_places(), place, pick(at.keys, "door", 4000), draw),
        "hukou_county": _hukou(at.keys, labels, at.unit, draw),
        "residence_type": pl.Series(["居家", "机构"]).gather((second | at.institution).astype(int)),
        "assessment_level": write_words(LEVELS, level, draw, unassessed),
        "assessment_date": write_dates(assessed, draw, unassessed),
        "age_friendly_renovation_date": write_dates(renovated, draw, unrenovated),
        "valid_from": write_dates(since, draw),
        "valid_to": write_dates(until, draw, until == 0),
    }


def _hukou(keys: Keys, labels: list[str], u: Ints, draw: np.random.Generator) -> pl.Series:
    luck, n = unit(keys, "hukou"), len(labels)
    moved = np.where(luck < 0.97, pick(keys, "county", n), n + pick(keys, "other", len(ELSEWHERE)))
    return write_words([*labels, *ELSEWHERE], np.where(luck < 0.93, u, moved), draw, luck > 0.99)


@cache
def _places() -> list[str]:
    """Full names of all townships, then of the units."""
    frame, towns = read_frame(), list_towns()
    city = dict(read("cities.csv").select("city_code", "name").iter_rows())
    units = [f"江苏省{city[f'{code[:4]}00']}{name}" for code, name in zip(frame.codes, frame.names, strict=True)]
    return [*(units[u] + name for u, name in towns.select("unit", "name").iter_rows()), *units]


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("person_key"),
        Defect("required", "person_key", "不详"),
        Defect("date_impossible", "birth_date", "1950-02-30"),
        Defect("date_format", "valid_from", "二〇一九年三月"),
        *each("not_in_codes", residence_type="住院", assessment_level="三级"),
        *ways("county_code", unknown_region="329902", expired_region="320684" if year > 2020 else "320621"),
        *each("pattern", resident_township="32010200", hukou_county="本县"),
        *ways("residence_type", required="", encoding="居家".encode("gb18030")[:-1]),
        *RAGGED,
        Defect("date_impossible", "assessment_date", "2018年2月30日"),
    )
    repeat = {"birth_date": "1951-03-05", "assessment_level": "", "assessment_date": ""}
    return Defects(kinds, {"person_key": stranger(year)}, repeat)
