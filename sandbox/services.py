"""上门养老服务记录: visits to old people at home, month by month, and the visits that must not count."""

from __future__ import annotations

from contextlib import ExitStack
from typing import NamedTuple

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
from sandbox.write import CsvFile, Inbox

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


def stem_of(year: int, month: int) -> str:
    return f"上门养老服务记录_{year}年{month:02d}月"


def write_services(inbox: Inbox, year: int, at_home: Ints) -> Ints:
    """The twelve monthly files; at_home (107,) persons at home in the year. Returns the persons served, (107,)."""
    served = numerators("served", SERVED[year], at_home, year, inbox.seed)
    units = len(read_frame().codes)
    with ExitStack() as stack:
        files = [
            stack.enter_context(CsvFile(inbox, FOLDER, stem_of(year, m), COLUMNS, "gb18030", f"{year}-{m:02d}"))
            for m in range(1, 13)
        ]
        for month, file in enumerate(files):
            n = 3 + more_at(inbox.scale)
            file.spoil(_defects(year, month + 1), n, n * (12 * year + month))
        for u in range(units):
            visits = make_visits(inbox, year, u, int(served[u]))
            for month, file in enumerate(files):
                file.append(_rows(visits, year, u, month, inbox.seed), (u + 1) / units)
    return served


class Visited(NamedTuple):
    """Persons of one unit who are visited in a year; days count from 1900-01-01."""

    ids: pl.Series
    names: Ints
    first: Ints  # day on which a visit can find them at home (or in the institution)
    last: Ints
    verified: NDArray[np.bool_]  # any of their visits

    @property
    def n(self) -> int:
        return len(self.ids)


class Visits(NamedTuple):
    """Visits of one unit in a year, in the order of their days."""

    visited: Visited
    who: Ints  # row of visited
    days: Ints
    verified: NDArray[np.bool_]


def make_visits(inbox: Inbox, year: int, u: int, served: int) -> Visits:
    draw = generator(inbox.seed, "services", year, u)
    people = _visit(find_people(year, u, inbox.scale, inbox.seed), served, year, u, inbox.seed, draw)
    strangers = _visit_strangers(int(draw.poisson(STRANGE * served)), year, draw)
    names, first, last = (np.concatenate(pair) for pair in zip(people[1:4], strangers[1:4], strict=True))
    verified = np.concatenate([people.verified, strangers.verified])
    visited = Visited(pl.concat([people.ids, strangers.ids]), names, first, last, verified)
    visits = 1 + draw.poisson(MORE_VISITS, visited.n)
    who = np.repeat(np.arange(visited.n), visits)
    is_first = np.diff(who, prepend=-1) > 0
    counts = verified[who] & (is_first | (draw.random(len(who)) < 0.94))
    days = first[who] + (draw.random(len(who)) * (last - first + 1)[who]).astype(np.int64)
    order = np.argsort(days, kind="stable")
    return Visits(visited, who[order], days[order], counts[order])


def _visit(people: People, served: int, year: int, u: int, seed: int, draw: np.random.Generator) -> Visited:
    """The served, and the noise: at home without a verified visit, residents of institutions, persons under 60.

    The served are those of the lowest rank; a rank belongs to its person, so who is served stays served.
    """
    home, others = np.flatnonzero(people.at_home(year)), np.flatnonzero(~people.at_home(year))
    ranked = home[np.argsort(unit(people.keys[home], "served"), kind="stable")]
    unverified = ranked[served : served + draw.poisson(UNVERIFIED * served)]
    visited = others[draw.random(len(others)) < 0.3]
    at = take(people, np.concatenate([ranked[:served], unverified, visited]))
    ended = np.where(at.until > 0, at.until, day(year + 1))
    last = np.where((at.moved > 0) & ~at.institution, np.minimum(at.moved, ended), ended) - 1
    verified = np.repeat([True, False, True], [served, len(unverified), len(visited)])
    ids = write_numbers(at, u, seed)[1]
    return Visited(ids, pick(at.keys, "name", 40_000), np.maximum(at.since, day(year)), last, verified)


def _visit_strangers(n: int, year: int, draw: np.random.Generator) -> Visited:
    """Persons who are on nobody's register."""
    ids, names = make_strangers(n, draw), draw.integers(0, 40_000, n)
    return Visited(ids, names, np.full(n, day(year)), np.full(n, day(year + 1) - 1), np.ones(n, bool))


def _rows(visits: Visits, year: int, u: int, month: int, seed: int) -> pl.DataFrame:
    """The visits of one month, 0..11."""
    visited, draw = visits.visited, generator(seed, "visits", year, u, month)
    start, end = np.searchsorted(visits.days, [day(year, month + 1), day(year, month + 2)])
    who, days, verified = visits.who[start:end], visits.days[start:end], visits.verified[start:end]
    n, towns = len(who), list(read_towns(u)["township_code"])
    providers = [f"P{read_frame().codes[u]}{i:03d}" for i in range(1, 21)]
    numbers = ((year * 100 + month + 1) * 1000 + u) * 100_000 + np.arange(n)
    kind = np.searchsorted([0.45, 0.65, 0.75, 0.85], draw.random(n))
    town, no_town = draw.integers(0, max(len(towns), 1), n), (draw.random(n) < 0.02) | (not towns)
    fee = np.where(draw.random(n) < 0.01, draw.integers(2000, 4000, n), draw.integers(10, 400, n))
    return pl.DataFrame(
        {
            "service_id": "S" + pl.Series(numbers).cast(pl.String),
            "person_key": write_ids(visited.ids.gather(who), draw),
            "name": write_names(visited.names[who]),
            "service_date": write_dates(days, draw),
            "service_type": pl.Series(TYPES).gather(kind),
            "provider_id": write_words(providers, draw.integers(0, 20, n), draw, draw.random(n) < 0.01),
            "is_verified": pl.Series(["否", "是"]).gather(verified.astype(int)),
            "township_code": write_words(towns, town, draw, no_town),
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
