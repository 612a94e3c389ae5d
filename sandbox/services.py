"""上门养老服务记录: visits to old people at home, month by month."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import Literal

import numpy as np
import polars as pl

from sandbox.apportion import Ints
from sandbox.citizen import make_stranger, never_born, scientific, wrong_check
from sandbox.course import SERVED, numerators
from sandbox.defects import Defect, Defects, Row, more_at
from sandbox.draw import generator
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.spans import list_spans
from sandbox.towns import list_towns
from sandbox.variety import day, write_dates, write_ids, write_money, write_names, write_words
from sandbox.visits import Visits, make_visits
from sandbox.write import BLOCK_ROWS, CsvFile

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
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
TYPES = ["助餐", "助洁", "助浴", "助医", "生活照料"]


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
        for first, last in list_spans(served, BLOCK_ROWS // 2):
            visits = make_visits(inbox, year, first, last, served)
            for month, file in enumerate(files):
                file.append(_rows(visits, year, first, month, inbox.seed), last / units)
    return served


def _rows(visits: Visits, year: int, first: int, month: int, seed: int) -> pl.DataFrame:
    """The visits of one month, 0..11."""
    visited, draw = visits.visited, generator(seed, "visits", year, first, month)
    rows = np.flatnonzero((visits.days >= day(year, month + 1)) & (visits.days < day(year, month + 2)))
    u, who, days, verified = visits.unit[rows], visits.who[rows], visits.days[rows], visits.verified[rows]
    n, of_town = len(rows), list_towns()["unit"].to_numpy()
    start, end = (np.asarray(np.searchsorted(of_town, u, side)) for side in SIDES)
    numbers = ((year * 100 + month + 1) * 1000 + u) * 100_000 + np.arange(n) - np.searchsorted(u, u)
    kind = np.searchsorted([0.45, 0.65, 0.75, 0.85], draw.random(n))
    town, no_town = start + (draw.random(n) * (end - start)).astype(np.int64), (draw.random(n) < 0.02) | (start == end)
    fee = np.where(draw.random(n) < 0.01, draw.integers(2000, 4000, n), draw.integers(10, 400, n))
    return pl.DataFrame(
        {
            "service_id": "S" + pl.Series(numbers).cast(pl.String),
            "person_key": write_ids(visited.ids.gather(who), draw),
            "name": write_names(visited.names[who]),
            "service_date": write_dates(days, draw),
            "service_type": pl.Series(TYPES).gather(kind),
            "provider_id": write_words(_providers(), 20 * u + draw.integers(0, 20, n), draw, draw.random(n) < 0.01),
            "is_verified": pl.Series(["否", "是"]).gather(verified.astype(int)),
            "township_code": write_words(list(list_towns()["township_code"]), town, draw, no_town),
            "fee_cny": write_money(fee, draw),
        }
    )


@cache
def _providers() -> list[str]:
    """Twenty for each unit."""
    return [f"P{code}{i:03d}" for code in read_frame().codes for i in range(1, 21)]


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
