"""死亡登记: one row for each source that knows of a death."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.health.mortality import STANDS_FOR, Deaths, best, find_deaths
from sandbox.paper.defects import RAGGED, Columns, Defect, Defects, ways, wrong_codes, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_ids, write_names, write_words
from sandbox.province.citizen import stranger, write_citizen
from sandbox.province.counts import Ints, take
from sandbox.province.days import day
from sandbox.province.draw import generator
from sandbox.province.frame import read_frame

SOURCES = ("死亡登记", "户口注销", "殡葬火化")
CAUSES = ["I25.1", "I63.9", "C34.9", "J44.9", "I61.9", "C16.9", "C22.0", "E11.9", "K92.2", "W19.9", "P22.0", "R54"]
ELSEWHERE, MISDATED = 0.04, 0.02  # rows of a source that is not a death's best: another county, a year too old
BLOCK = 20_000  # deaths written at a time


def write(inbox: Inbox, year: int) -> None:
    """死亡登记_<year>年: the rows of the three sources follow one another in each block."""
    dead = find_deaths(year, inbox.scale, inbox.seed)
    parts = -(-len(dead.age) // BLOCK)
    with inbox.open(__name__, year, _defects(year)) as file:
        for part in range(parts):
            block = np.arange(part * BLOCK, min((part + 1) * BLOCK, len(dead.age)))
            file.append(_rows(dead, block, year, generator(inbox.seed, "deaths", year, part)), (part + 1) / parts)


def _rows(dead: Deaths, block: Ints, year: int, draw: np.random.Generator) -> Columns:
    source, rows = (index.ravel() for index in np.meshgrid(range(len(SOURCES)), block, indexing="ij"))
    known = (dead.sources[rows] >> source & 1) > 0
    source, rows = source[known], rows[known]
    n, at = len(rows), take(dead, rows)
    codes, _ = read_frame().groups(year)
    worse = best(at.sources) != source
    elsewhere, misdated = worse & (draw.random(n) < ELSEWHERE), worse & (draw.random(n) < MISDATED)
    unnamed = (at.age == 0) & (at.sources & 2 == 0)  # dead before it was entered on a hukou
    ids = pl.select(pl.when(pl.Series(~unnamed)).then(write_ids(write_citizen(at.seventeen), draw))).to_series()
    weights = np.rint(10_000 * STANDS_FOR[source] * at.weight) / 10_000
    return {
        "death_key": f"SW{year}" + pl.Series(rows).cast(pl.String).str.zfill(8),
        "person_key": ids,
        "姓名": write_names(at.seventeen),
        "sex": write_words(["男", "女"], at.sex, draw),
        "birth_date": write_dates(np.maximum(at.born - 365 * misdated, day(1900)), draw),
        "death_date": write_dates(at.died, draw),
        "county_code": pl.Series(codes).gather(np.where(elsewhere, draw.integers(0, len(codes), n), at.place)),
        "根本死因编码": write_words(CAUSES, draw.integers(0, len(CAUSES), n), draw, source > 0),
        "source": pl.Series(SOURCES).gather(source),
        "adjust_weight": pl.Series(weights).cast(pl.Decimal(8, 4)).cast(pl.String),
    }


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("person_key"),
        *ways("death_key", required="-", pattern="死亡0001"),
        Defect("not_in_codes", "sex", "未知"),
        *ways("birth_date", date_impossible="1938年2月30日", date_format="民国二十七年"),
        *ways("death_date", outside_period=f"{year - 1}-12-31", required="不详"),
        *wrong_codes(year, "329909"),
        Defect("not_in_codes", "source", "医院报告"),
        *ways("adjust_weight", number_format="约1.1", out_of_range="0", required="—"),
        Defect("encoding", "source", "死亡登记".encode("gb18030")),
        *RAGGED,
    )
    return Defects(
        kinds,
        {"death_key": f"SW{year}9{{:07d}}", "person_key": stranger(year, 13)},
        {"county_code": "320102", "adjust_weight": "9.9999"},
    )
