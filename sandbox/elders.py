"""老年人基本信息: one row for each spell that an old person was registered for during the year."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.apportion import Ints
from sandbox.citizen import make_stranger, never_born, scientific, wrong_check
from sandbox.defects import Defect, Defects, Row
from sandbox.draw import Keys, generator, pick, unit
from sandbox.frame import read, read_frame
from sandbox.inbox import Inbox
from sandbox.persons import BLOCK, People, count_people, find_people, parts, take, write_numbers
from sandbox.spans import list_spans
from sandbox.towns import list_towns, locate, rural_shares
from sandbox.variety import day, write_addresses, write_dates, write_ids, write_names, write_words
from sandbox.write import CsvFile

FOLDER = "civil_affairs/elder_profiles"
COLUMNS = {
    "person_key": "身份证号",
    "name": "姓名",
    "birth_date": "出生日期",
    "county_code": "居住县区代码",
    "resident_township": "居住乡镇代码",
    "address": "住址",
    "hukou_county": "户籍县区代码",
    "residence_type": "居住方式",
    "assessment_level": "能力评估等级",
    "assessment_date": "评估日期",
    "age_friendly_renovation_date": "适老化改造日期",
    "valid_from": "登记日期",
    "valid_to": "注销日期",
}
# Counties of other provinces.
ELSEWHERE = ["341122", "341522", "410725", "371321", "330106", "420116", "411602", "340881"]
LEVELS = ["能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"]


def write_elders(inbox: Inbox, year: int) -> Ints:
    """老年人基本信息_<year>年. Returns the persons of 60 and over at home on any day of the year, by unit (107,)."""
    units = len(read_frame().codes)
    at_home = np.zeros(units, np.int64)
    with CsvFile(inbox, FOLDER, f"老年人基本信息_{year}年", COLUMNS, "gb18030", str(year)) as file:
        file.spoil(_defects(year))
        for first, last in list_spans(count_people(year, inbox.scale, inbox.seed), BLOCK):
            people = find_people(year, first, last, inbox.scale, inbox.seed)
            at_home += np.bincount(people.unit[people.at_home(year)], minlength=units)
            for part, some in enumerate(parts(people)):
                draw = generator(inbox.seed, "elders", year, first, part)
                file.append(_rows(some, year, inbox.seed, draw), last / units)
    return at_home


def _rows(people: People, year: int, seed: int, draw: np.random.Generator) -> pl.DataFrame:
    """One row per spell: who moved during the year has two."""
    labels, towns = read_frame().labels(year), list_towns()["township_code"].to_list()
    moving = np.flatnonzero((people.moved > 0) & ~people.institution)
    rows = np.sort(np.concatenate([np.arange(len(people.keys)), moving]), kind="stable")
    second = np.concatenate([[False], rows[1:] == rows[:-1]]) if len(rows) else np.zeros(0, bool)
    birthday, ids = write_numbers(people, seed)
    at, n = take(people, rows), len(rows)
    since = np.where((at.moved > 0) & (second | at.institution), at.moved, at.since)
    until = np.where((at.moved > 0) & ~second & ~at.institution, at.moved, at.until)
    town = locate(at.unit, at.keys, rural_shares(60))
    place = np.where(town < 0, len(towns) + at.unit, town)
    assessed = day(2016) + pick(at.keys, "assessed", 3650)
    renovated = day(2018) + pick(at.keys, "renovated", 2900)
    unassessed = (unit(at.keys, "assessment") > 0.4) | (assessed >= day(year + 1))
    unrenovated = (unit(at.keys, "renovation") > 0.06) | (renovated >= day(year + 1))
    level = np.searchsorted([0.62, 0.80, 0.90, 0.96], unit(at.keys, "level"))
    return pl.DataFrame(
        {
            "person_key": write_ids(ids.gather(rows), draw),
            "name": write_names(pick(at.keys, "name", 40_000)),
            "birth_date": write_dates(birthday[rows], draw),
            "county_code": pl.Series(labels).gather(at.unit),
            "resident_township": write_words(towns, town, draw, (draw.random(n) < 0.01) | (town < 0)),
            "address": write_addresses(_places(), place, pick(at.keys, "door", 4000), draw),
            "hukou_county": _hukou(at.keys, labels, at.unit, draw),
            "residence_type": pl.Series(["居家", "机构"]).gather((second | at.institution).astype(int)),
            "assessment_level": write_words(LEVELS, level, draw, unassessed),
            "assessment_date": write_dates(assessed, draw, unassessed),
            "age_friendly_renovation_date": write_dates(renovated, draw, unrenovated),
            "valid_from": write_dates(since, draw),
            "valid_to": write_dates(until, draw, until == 0),
        }
    )


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
        Defect("id_check_digit", "person_key", wrong_check),
        Defect("id_format", "person_key", lambda good: good[:-1]),
        Defect("id_scientific", "person_key", scientific),
        Defect("id_birth_date", "person_key", never_born),
        Defect("required", "person_key", "不详"),
        Defect("date_impossible", "birth_date", "1950-02-30"),
        Defect("date_format", "valid_from", "二〇一九年三月"),
        Defect("not_in_codes", "residence_type", "住院"),
        Defect("not_in_codes", "assessment_level", "三级"),
        Defect("unknown_region", "county_code", "329902"),
        Defect("expired_region", "county_code", "320684" if year > 2020 else "320621"),
        Defect("pattern", "resident_township", "32010200"),
        Defect("pattern", "hukou_county", "本县"),
        Defect("required", "residence_type", ""),
        Defect("encoding", "residence_type", "居家".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
        Defect("ragged_row", "*", "fewer"),
        Defect("date_impossible", "assessment_date", "2018年2月30日"),
    )
    repeat = {"birth_date": "1951-03-05", "assessment_level": "", "assessment_date": ""}

    def renew(row: Row, serial: int) -> Row:
        return {**row, "person_key": make_stranger(serial, year)}

    return Defects(kinds, renew, "person_key", repeat)
