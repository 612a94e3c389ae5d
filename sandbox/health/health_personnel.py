"""卫生人员注册信息: one row for each registration of a physician, nurse or other health worker at an institution."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.health.workforce import Spells, find_spells, physicians
from sandbox.paper.defects import Columns, Defect, Defects, each, wrong_codes, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_flags, write_ids, write_names
from sandbox.province.citizen import make_strangers, stranger, write_citizen
from sandbox.province.counts import take
from sandbox.province.days import day
from sandbox.province.draw import generator, pick, unit
from sandbox.province.frame import read_frame

LICENCES = ["执业医师", "执业助理医师", "注册护士", "其他卫生人员"]
VISITING = 0.01  # physicians whose main site is outside the province, for one who is counted


def write(inbox: Inbox, year: int) -> None:
    """卫生人员注册信息_<year>年: everybody registered on some day of the year, or in the January after it."""
    draw = generator(inbox.seed, "personnel", year)
    spells = find_spells(year, inbox.scale, inbox.seed)
    ids = write_citizen(spells.seventeen)
    n = 1 + int(VISITING * physicians(year, inbox.scale, inbox.seed).sum())
    frames = [_rows(spells, ids, year, draw), _rows(_visit(spells, n, year, draw), make_strangers(n, draw), year, draw)]
    old = ["licence_type"] if year <= 2021 else []
    inbox.send(__name__, year, pl.concat(map(pl.DataFrame, frames)), _defects(year), old)


def _visit(spells: Spells, n: int, year: int, draw: np.random.Generator) -> Spells:
    """Second sites of physicians from elsewhere: general practitioners or not, they must not count."""
    rows = draw.choice(np.flatnonzero((spells.group == 0) & (spells.since < day(year))), n)
    visitors = take(spells, rows)
    return visitors._replace(primary=np.zeros(n, bool), until=np.zeros(n, np.int64))


def _rows(spells: Spells, ids: pl.Series, year: int, draw: np.random.Generator) -> Columns:
    names, keys, n = pl.Series(read_frame().names).gather(spells.unit), spells.keys, len(spells.keys)
    assistant = (spells.group == 0) & (unit(keys, "assistant") < 0.14)
    licence = np.where(assistant, 1, np.where(spells.group == 0, 0, spells.group + 1))
    village = np.where(spells.group == 2, unit(keys, "village") < 0.3, assistant & (unit(keys, "village") < 0.4))
    # registered, certified or both; a village doctor without a licence may be certified and does not count
    ways, trained = unit(keys, "ways"), (spells.group == 2) & (unit(keys, "trained") < 0.05)
    registered = (spells.group == 0) & spells.general & (ways < 0.8)
    certified = trained | ((spells.group == 0) & spells.general & (ways > 0.35))
    unsaid = (spells.group == 1) | ((spells.group == 0) & ~spells.general & (draw.random(n) < 0.05))
    return {
        "person_key": write_ids(ids, draw),
        "姓名": write_names(pick(keys, "name", 40_000)),
        "licence_type": pl.Series(LICENCES).gather(licence),
        "is_gp_registered": write_flags(registered, draw, unsaid),
        "has_gp_certificate": write_flags(certified, draw, unsaid),
        "is_village_doctor": write_flags(village, draw, spells.group == 1),
        "institution_id": "H" + pl.Series(spells.institution).cast(pl.String).str.zfill(9),
        "执业机构名称": names + "医疗机构" + pl.Series(spells.institution % 1_000_000).cast(pl.String) + "（模拟）",
        "is_primary_site": write_flags(spells.primary, draw),
        "county_code": read_frame().codes_in(year, spells.unit),
        "register_date": write_dates(spells.since, draw),
        "end_date": write_dates(spells.until, draw, spells.until == 0),
    }


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("person_key", lambda good: "W" + good[1:]),
        Defect("required", "person_key", "——"),
        *each("not_in_codes", licence_type="见习医师", is_gp_registered="在培"),
        Defect("required", "is_primary_site", ""),
        Defect("pattern", "institution_id", "32010200012"),
        *wrong_codes(year, "329907"),
        Defect("date_format", "register_date", "2018年春"),
        Defect("date_impossible", "end_date", f"{year}-11-31"),
        Defect("encoding", "licence_type", "执业医师".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "fewer"),
    )
    repeat = {"姓名": "重复记录", "end_date": f"{year}-12-31"}
    return Defects(kinds, {"person_key": stranger(year, 12)}, repeat)
