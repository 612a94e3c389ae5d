"""困境儿童登记: one file for each reporting city; a row for each child and kind of difficulty."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.paper.defects import Columns, Defect, Defects, ended_code, more_at, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_flags, write_ids, write_names, write_words
from sandbox.province.citizen import never_born, scientific, stranger, wrong_check
from sandbox.province.counts import take
from sandbox.province.days import day
from sandbox.province.draw import generator, pick, unit
from sandbox.province.frame import read, read_frame
from sandbox.province.minors import WINDOW, Minors, find_minors, write_numbers

CATEGORIES = ["孤儿", "事实无人抚养", "重残", "重病", "流浪", "贫困家庭", "其他困境"]
DISABLED, POOR = 2, 5
MEANS = ["政府保障", "低保救助", "各种补贴", "特困供养", "临时救助"]
SECOND = 0.15  # children with a second kind of difficulty
UNCLOSED = 0.4  # of those who moved, still open on the register of the city that they left


def write(inbox: Inbox, year: int) -> None:
    """困境儿童_<city>_<year>年, for the 13 cities."""
    frame = pl.DataFrame(_rows(find_minors(year, inbox.scale, inbox.seed), year, inbox.seed))
    cities = read("cities.csv")["city_code"].sort().to_list()
    n = 1 + more_at(inbox.scale) // 2  # files are small, and many
    for place, code in enumerate(cities):
        start = n * (len(cities) * year + place)
        with inbox.open(__name__, year, _defects(year, code), n=n, start=start, scope=code) as file:
            file.append(frame.filter(pl.col("county_code").str.starts_with(code[:4])))


def _rows(minors: Minors, year: int, seed: int) -> Columns:
    """By child: the row, the one in the city left during the year, the one of a second kind of difficulty."""
    keys, again = minors.keys, minors.here + pick(minors.keys, "again", 300)
    known = again < np.where(minors.until > 0, minors.until, day(year + 1, *WINDOW))
    left, both = np.flatnonzero(minors.before >= 0), np.flatnonzero(known & (unit(keys, "both") < SECOND))
    child = np.concatenate([np.arange(len(keys)), left, both])
    order = np.argsort(child, kind="stable")
    child, kind = child[order], np.repeat([0, 1, 2], [len(keys), len(left), len(both)])[order]
    at = take(minors, child)
    draw = generator(seed, "children", year)
    birthday, ids = write_numbers(at)
    closed = np.where(unit(at.keys, "closed") < UNCLOSED, 0, at.here)
    since = np.select([kind == 0, kind == 1], [at.here, at.since], again[child])
    until = np.where(kind == 1, closed, at.until)
    # a second kind of difficulty is known to all, what protects the child not always
    marked = (at.means >= 0) & ((kind < 2) | (unit(at.keys, "known") < 0.7))
    other = np.where(at.category == POOR, DISABLED + pick(at.keys, "other", 2), POOR)
    return {
        "child_key": write_ids(ids, draw),
        "姓名": write_names(pick(at.keys, "name", 40_000)),
        "birth_date": write_dates(birthday, draw),
        "county_code": read_frame().codes_in(year, np.where(kind == 1, at.before, at.unit)),
        "category": write_words(CATEGORIES, np.where(kind == 2, other, at.category), draw),
        "should_protect": write_flags(at.should, draw),
        "is_protected": write_flags(marked, draw),
        "protection_means": write_words(MEANS, at.means, draw, ~marked),
        "监护人姓名": write_names(pick(at.keys, "guardian", 40_000)),
        "register_date": write_dates(since, draw),
        "exit_date": write_dates(until, draw, until == 0),
    }


def _defects(year: int, city: str) -> Defects:
    kinds = (
        Defect("outside_scope", "county_code", "320205" if city == "320100" else "320104"),
        *ways("child_key", id_check_digit=wrong_check, required="不详"),
        Defect("not_in_codes", "category", "留守"),
        Defect("id_scientific", "child_key", scientific),
        Defect("required", "should_protect", "—"),
        Defect("date_impossible", "birth_date", f"{year - 8}-02-30"),
        Defect("id_format", "child_key", lambda good: good[:-1]),
        Defect("not_in_codes", "is_protected", "待定"),
        Defect("unknown_region", "county_code", f"{city[:4]}99"),
        Defect("id_birth_date", "child_key", never_born),
        Defect("not_in_codes", "protection_means", "慈善捐助"),
        Defect("date_format", "register_date", "出生即登记"),
        ended_code(year),
        Defect("encoding", "category", "贫困家庭".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
        Defect("date_impossible", "exit_date", f"{year}年6月31日"),
        Defect("ragged_row", "*", "fewer"),
    )
    return Defects(kinds, {"child_key": stranger(year, int(city), 21)}, {"监护人姓名": "", "protection_means": ""})
