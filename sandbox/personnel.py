"""卫生人员注册信息: one row for each registration of a physician, nurse or other health worker at an institution."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.citizen import make_stranger, make_strangers, never_born, scientific, write_citizen, wrong_check
from sandbox.defects import Defect, Defects, Row
from sandbox.draw import generator, pick, unit
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.medics import Spells, find_spells, physicians
from sandbox.variety import day, write_dates, write_ids, write_names, write_words
from sandbox.write import CsvFile

FOLDER = "health/health_personnel"
COLUMNS = {
    "person_key": "身份证号",
    "name": "姓名",
    "licence_type": "执业类别",
    "is_gp_registered": "是否注册全科医学专业",
    "has_gp_certificate": "是否取得全科培训合格证",
    "is_village_doctor": "是否乡村医生",
    "institution_id": "执业机构编码",
    "institution": "执业机构名称",
    "is_primary_site": "是否主要执业机构",
    "county_code": "县区代码",
    "register_date": "注册日期",
    "end_date": "注销日期",
}
LICENCES = ["执业医师", "执业助理医师", "注册护士", "其他卫生人员"]
YES = ["否", "是"]
VISITING = 0.01  # physicians whose main site is outside the province, for one who is counted


def write_personnel(inbox: Inbox, year: int) -> None:
    """卫生人员注册信息_<year>年: everybody registered on some day of the year, or in the January after it."""
    columns = COLUMNS | ({"licence_type": "执业证书类别"} if year <= 2021 else {})
    draw = generator(inbox.seed, "personnel", year)
    spells = find_spells(year, inbox.scale, inbox.seed)
    ids = write_citizen(spells.seventeen)
    n = 1 + int(VISITING * physicians(year, inbox.scale, inbox.seed).sum())
    frames = [
        _rows(spells, ids, year, draw),
        _rows(_visit(spells, n, year, draw), make_strangers(n, draw), year, draw),
    ]
    with CsvFile(inbox, FOLDER, f"卫生人员注册信息_{year}年", columns, "gb18030", str(year)) as file:
        file.spoil(_defects(year))
        file.append(pl.concat(frames))


def _visit(spells: Spells, n: int, year: int, draw: np.random.Generator) -> Spells:
    """Second sites of physicians from elsewhere: general practitioners or not, they must not count."""
    rows = draw.choice(np.flatnonzero((spells.group == 0) & (spells.since < day(year))), n)
    visitors = Spells._make(column[rows] for column in spells)
    return visitors._replace(primary=np.zeros(n, bool), until=np.zeros(n, np.int64))


def _rows(spells: Spells, ids: pl.Series, year: int, draw: np.random.Generator) -> pl.DataFrame:
    frame, keys, n = read_frame(), spells.keys, len(spells.keys)
    assistant = (spells.group == 0) & (unit(keys, "assistant") < 0.14)
    licence = np.where(assistant, 1, np.where(spells.group == 0, 0, spells.group + 1))
    village = np.where(spells.group == 2, unit(keys, "village") < 0.3, assistant & (unit(keys, "village") < 0.4))
    # registered, certified or both; a village doctor without a licence may be certified and does not count
    ways, trained = unit(keys, "ways"), (spells.group == 2) & (unit(keys, "trained") < 0.05)
    registered = (spells.group == 0) & spells.general & (ways < 0.8)
    certified = trained | ((spells.group == 0) & spells.general & (ways > 0.35))
    unsaid = (spells.group == 1) | ((spells.group == 0) & ~spells.general & (draw.random(n) < 0.05))
    return pl.DataFrame(
        {
            "person_key": write_ids(ids, draw),
            "name": write_names(pick(keys, "name", 40_000)),
            "licence_type": pl.Series(LICENCES).gather(licence),
            "is_gp_registered": write_words(YES, registered.astype(int), draw, unsaid),
            "has_gp_certificate": write_words(YES, certified.astype(int), draw, unsaid),
            "is_village_doctor": write_words(YES, village.astype(int), draw, spells.group == 1),
            "institution_id": "H" + pl.Series(spells.institution).cast(pl.String).str.zfill(9),
            "institution": pl.Series(frame.names).gather(spells.unit)
            + "医疗机构" + pl.Series(spells.institution % 1_000_000).cast(pl.String) + "（模拟）",
            "is_primary_site": pl.Series(YES).gather(spells.primary.astype(int)),
            "county_code": pl.Series(frame.labels(year)).gather(spells.unit),
            "register_date": write_dates(spells.since, draw),
            "end_date": write_dates(spells.until, draw, spells.until == 0),
        }
    )  # fmt: skip


def _defects(year: int) -> Defects:
    kinds = (
        Defect("id_check_digit", "person_key", wrong_check),
        Defect("id_format", "person_key", lambda good: "W" + good[1:]),
        Defect("id_scientific", "person_key", scientific),
        Defect("id_birth_date", "person_key", never_born),
        Defect("required", "person_key", "——"),
        Defect("not_in_codes", "licence_type", "见习医师"),
        Defect("not_in_codes", "is_gp_registered", "在培"),
        Defect("required", "is_primary_site", ""),
        Defect("pattern", "institution_id", "32010200012"),
        Defect("unknown_region", "county_code", "329907"),
        Defect("expired_region", "county_code", "320684" if year > 2020 else "320721"),
        Defect("date_format", "register_date", "2018年春"),
        Defect("date_impossible", "end_date", f"{year}-11-31"),
        Defect("encoding", "licence_type", "执业医师".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "fewer"),
    )
    repeat = {"name": "重复记录", "end_date": f"{year}-12-31"}
    return Defects(kinds, lambda row, serial: _renew(row, serial, year), "person_key", repeat)


def _renew(row: Row, serial: int, year: int) -> Row:
    return {**row, "person_key": make_stranger(serial, year, 12)}
