"""上门养老服务记录: visits to old people at home, month by month, and the visits that must not count."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sandbox.apportion import Ints
from sandbox.citizen import make_stranger, make_strangers, never_born, scientific, wrong_check
from sandbox.course import SERVED, numerators
from sandbox.defects import Defect, Defects, Row, more_at
from sandbox.draw import generator, pick, unit
from sandbox.frame import read_frame, read_towns
from sandbox.persons import People, find_people, take, write_numbers
from sandbox.variety import day, write_dates, write_ids, write_money, write_names, write_words
from sandbox.write import USUAL, CsvFile, Inbox

FOLDER = "civil_affairs/homecare_services"
COLUMNS = {
    "service_id": "服务单号",
    "person_key": "身份证号",
    "name": "姓名",
    "service_date": "服务日期",
    "service_type": "服务类型",
    "provider_id": "服务机构编码",
    "is_verified": "是否核验",
    "township_code": "服务乡镇代码",
    "fee_cny": "服务费用",
}
TYPES = ["助餐", "助洁", "助浴", "助医", "生活照料"]
MORE_VISITS = 3.0  # a person served has one verified visit and on average so many others in a year
UNVERIFIED = 0.03  # persons with no verified visit, for one who is served
STRANGE = 0.01  # persons who are on no register, for one who is served


def stem_of(year: int, month: int, suffix: str = "") -> str:
    return f"上门养老服务记录_{year}年{month:02d}月{suffix}"


def write_services(inbox: Inbox, year: int, at_home: Ints) -> Ints:
    """The twelve monthly files; at_home (107,) persons at home in the year. Returns the persons served, (107,)."""
    served = numerators("served", SERVED[year], at_home, year, inbox.seed)
    units = len(read_frame().codes)
    with ExitStack() as stack:
        files = [stack.enter_context(open_month(inbox, year, m)) for m in range(1, 13)]
        for month, file in enumerate(files):
            n = 3 + more_at(inbox.scale)
            file.spoil(_defects(year, month + 1), n, n * (12 * year + month))
        for u in range(units):
            rows, months = make_visits(inbox, year, u, int(served[u]))
            ends = np.searchsorted(months, np.arange(13), side="left")
            for month, file in enumerate(files):
                file.append(rows[int(ends[month]) : int(ends[month + 1])], (u + 1) / units)
    return served


def open_month(inbox: Inbox, year: int, month: int, suffix: str = "", when: tuple[float, float] = USUAL) -> CsvFile:
    return CsvFile(inbox, FOLDER, stem_of(year, month, suffix), COLUMNS, "gb18030", f"{year}-{month:02d}", when)


def make_visits(inbox: Inbox, year: int, u: int, served: int) -> tuple[pl.DataFrame, Ints]:
    """(visits of a unit in the order of their months, the month of each, 0..11)."""
    people = find_people(year, u, inbox.scale, inbox.seed)
    draw = generator(inbox.seed, "services", year, u)
    chosen, verified = _choose(people, served, year, draw)
    _, ids = write_numbers(take(people, chosen), u, inbox.seed)
    strangers = make_strangers(draw.poisson(STRANGE * served), draw)
    visits = 1 + draw.poisson(MORE_VISITS, len(chosen) + len(strangers))
    who = np.repeat(np.arange(len(visits)), visits)
    is_first = np.diff(who, prepend=-1) > 0
    first, last = _at_home_between(take(people, chosen), year)
    first, last = (
        np.concatenate([d, np.full(len(strangers), day(year, *at))]) for d, at in ((first, (1, 1)), (last, (12, 31)))
    )
    days = first[who] + (draw.random(len(who)) * (last - first + 1)[who]).astype(np.int64)
    counts = np.concatenate([verified, np.ones(len(strangers), bool)])[who] & (
        is_first | (draw.random(len(who)) < 0.94)
    )
    order = np.argsort(days, kind="stable")
    who, days, counts = who[order], days[order], counts[order]
    months = np.searchsorted(day(year, np.arange(2, 13)), days, side="right")
    names = np.concatenate([pick(people.keys[chosen], "name", 40_000), np.arange(len(strangers))])
    return _rows(year, u, months, days, pl.concat([ids, strangers]).gather(who), names[who], counts, draw), months


def _choose(people: People, served: int, year: int, draw: np.random.Generator) -> tuple[Ints, NDArray[np.bool_]]:
    """(rows of people who are visited, whether any of their visits is verified).

    The served are those of the lowest rank, which belongs to the person: who is served stays served. Then the noise:
    persons at home without a verified visit, residents of institutions, persons under 60.
    """
    home = np.flatnonzero(people.at_home(year))
    ranked = home[np.argsort(unit(people.keys[home], "served"), kind="stable")]
    unverified = ranked[served : served + draw.poisson(UNVERIFIED * served)]
    others = np.flatnonzero(~people.at_home(year))
    visited = others[draw.random(len(others)) < 0.3]
    rows = np.concatenate([ranked[:served], unverified, visited])
    return rows, np.repeat([True, False, True], [served, len(unverified), len(visited)])


def _at_home_between(people: People, year: int) -> tuple[Ints, Ints]:
    """First and last day of the year on which a visit can find the person at home (or in the institution)."""
    first = np.maximum(people.since, day(year))
    ended = np.where(people.until > 0, people.until, day(year + 1))
    moved = np.where((people.moved > 0) & ~people.institution, people.moved, ended)
    return first, np.minimum(moved, ended) - 1


def _rows(
    year: int,
    u: int,
    months: Ints,
    days: Ints,
    ids: pl.Series,
    names: Ints,
    verified: NDArray[np.bool_],
    draw: np.random.Generator,
) -> pl.DataFrame:
    frame, n = read_frame(), len(days)
    towns = list(read_townships().filter(pl.col("county_code") == frame.labels(2023)[u])["township_code"])
    place = np.arange(n) - np.searchsorted(months, months, side="left")
    numbers = ((year * 100 + months + 1) * 1000 + u) * 100_000 + place
    kind = np.searchsorted([0.45, 0.65, 0.75, 0.85], draw.random(n))
    fee = np.where(draw.random(n) < 0.01, draw.integers(2000, 4000, n), draw.integers(10, 400, n))
    return pl.DataFrame(
        {
            "service_id": "S" + pl.Series(numbers).cast(pl.String),
            "person_key": write_ids(ids, draw),
            "name": write_names(names),
            "service_date": write_dates(days, draw),
            "service_type": pl.Series(TYPES).gather(kind),
            "provider_id": write_words(
                [f"P{frame.codes[u]}{i:03d}" for i in range(1, 21)],
                draw.integers(0, 20, n),
                draw,
                draw.random(n) < 0.01,
            ),
            "is_verified": pl.Series(["否", "是"]).gather(verified.astype(int)),
            "township_code": write_words(
                towns, draw.integers(0, max(len(towns), 1), n), draw, (draw.random(n) < 0.02) | (not towns)
            ),
            "fee_cny": write_money(fee, draw),
        }
    )


def _defects(year: int, month: int) -> Defects:
    kinds = (
        Defect("id_check_digit", "person_key", wrong_check),
        Defect("outside_period", "service_date", f"{year - 1}-{month:02d}-15"),
        Defect("not_in_codes", "service_type", "理发"),
        Defect("id_scientific", "person_key", scientific),
        Defect("pattern", "service_id", f"F{year}{month:02d}001"),
        Defect("required", "service_date", "-"),
        Defect("number_format", "fee_cny", "约三十元"),
        Defect("id_format", "person_key", lambda good: good + "0"),
        Defect("ragged_row", "*", "more"),
        Defect("date_impossible", "service_date", f"{year}-02-30"),
        Defect("encoding", "service_type", "生活照料".encode("gb18030")[:-1]),
        Defect("not_in_codes", "is_verified", "待核"),
        Defect("out_of_range", "fee_cny", "-20.00"),
        Defect("id_birth_date", "person_key", never_born),
        Defect("ragged_row", "*", "fewer"),
        Defect("pattern", "township_code", "32010400"),
        Defect("required", "is_verified", ""),
        Defect("out_of_range", "fee_cny", "350000"),
        Defect("date_format", "service_date", "月末"),
        Defect("required", "person_key", "—"),
    )

    def renew(row: Row, serial: int) -> Row:
        number = f"S{year}{month:02d}999{serial:05d}"
        return {**row, "service_id": number, "person_key": make_stranger(serial, year, month)}

    return Defects(kinds, renew, "service_id", {"service_type": "助洁", "fee_cny": "12.50"})
