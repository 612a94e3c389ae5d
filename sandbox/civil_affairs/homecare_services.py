"""上门养老服务记录: visits to old people at home, month by month."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import Literal

import numpy as np
import polars as pl

from sandbox.civil_affairs.visits import Visits, make_visits
from sandbox.paper.defects import Columns, Defect, Defects, more_at
from sandbox.paper.inbox import Inbox
from sandbox.paper.rows import BLOCK_ROWS
from sandbox.paper.variety import (
    write_dates,
    write_flags,
    write_ids,
    write_money,
    write_names,
    write_towns,
    write_words,
)
from sandbox.province.citizen import never_born, scientific, stranger, wrong_check
from sandbox.province.counts import list_spans
from sandbox.province.course import SERVED, numerators
from sandbox.province.days import day
from sandbox.province.draw import generator
from sandbox.province.elders import count_at_home
from sandbox.province.frame import read_frame
from sandbox.province.towns import list_towns

SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
TYPES = ["助餐", "助洁", "助浴", "助医", "生活照料"]


def write(inbox: Inbox, year: int) -> None:
    """The twelve monthly files."""
    served = numerators("served", SERVED[year], count_at_home(year, inbox.scale, inbox.seed), year, inbox.seed)
    units, n = len(read_frame().codes), 3 + more_at(inbox.scale)
    with ExitStack() as stack:
        files = []
        for month in range(12):
            period, start = f"{year}-{month + 1:02d}", n * (12 * year + month)
            opened = inbox.open(__name__, period, _defects(year, month + 1), n=n, start=start)
            files.append(stack.enter_context(opened))
        for first, last in list_spans(served, BLOCK_ROWS // 2):
            visits = make_visits(inbox, year, first, last, served)
            for month, file in enumerate(files):
                file.append(_rows(visits, year, first, month, inbox.seed), last / units)


def _rows(visits: Visits, year: int, first: int, month: int, seed: int) -> Columns:
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
    return {
        "service_id": "S" + pl.Series(numbers).cast(pl.String),
        "person_key": write_ids(visited.ids.gather(who), draw),
        "姓名": write_names(visited.names[who]),
        "service_date": write_dates(days, draw),
        "service_type": pl.Series(TYPES).gather(kind),
        "provider_id": write_words(_providers(), 20 * u + draw.integers(0, 20, n), draw, draw.random(n) < 0.01),
        "is_verified": write_flags(verified, draw),
        "township_code": write_towns(town, draw, no_town),
        "fee_cny": write_money(fee, draw),
    }


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
    renew = {"service_id": f"S{year}{month:02d}999{{:05d}}", "person_key": stranger(year, month)}
    return Defects(kinds, renew, {"service_type": "助洁", "fee_cny": "12.50"})
