"""残疾人登记: one row for each person on the disability register at a year end, with and without a certificate."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.citizen import make_stranger, never_born, scientific, write_citizen, wrong_check
from sandbox.defects import Defect, Defects, Row
from sandbox.disabled import KINDS, Disabled, find_disabled
from sandbox.draw import generator, pick, unit
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.variety import day, write_dates, write_ids, write_names, write_words
from sandbox.write import CsvFile

FOLDER = "disabled_persons/disability_register"
COLUMNS = {
    "person_key": "身份证号",
    "name": "姓名",
    "certificate_no": "残疾人证号",
    "category": "残疾类别",
    "grade": "残疾等级",
    "issue_date": "发证日期",
    "expire_date": "有效期至",
    "has_rehab_need": "是否有康复需求",
    "is_living_subsidy_eligible": "是否符合生活补贴条件",
    "is_nursing_subsidy_eligible": "是否符合护理补贴条件",
    "birth_date": "出生日期",
    "county_code": "县区代码",
    "hukou_county": "户籍县区代码",
}
CATEGORIES = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"]
SHARES = (0.13, 0.24, 0.27, 0.72, 0.82, 0.93)  # of the categories, cumulative
GRADES = ["一级", "二级", "三级", "四级"]
YES = ["否", "是"]
VALID = 3652  # days, then the certificate is issued anew
LAPSED = 0.02  # certificates that were not
BLOCK = 50_000  # persons written at a time


def write_disabled(inbox: Inbox, year: int) -> None:
    """残疾人登记_<year>年."""
    people = find_disabled(year, inbox.scale, inbox.seed)
    people = people.take(people.stands(year))
    n = len(people.keys)
    with CsvFile(inbox, FOLDER, f"残疾人登记_{year}年", COLUMNS, "gb18030", str(year)) as file:
        file.spoil(_defects(year))
        for start in range(0, n, BLOCK):
            some = people.take(np.arange(start, min(start + BLOCK, n)))
            draw = generator(inbox.seed, "certificates", year, start)
            file.append(_rows(some, year, inbox.seed, draw), min(1.0, (start + BLOCK) / n))


def _rows(people: Disabled, year: int, seed: int, draw: np.random.Generator) -> pl.DataFrame:
    keys, n, labels = people.keys, len(people.keys), read_frame().labels(year)
    birthday, seventeen = people.identify(seed)
    ids = write_citizen(seventeen)
    entitled = people.is_entitled(year)[:, :, 11].astype(int)
    bare = people.certified >= day(year + 1)
    held = day(year + 1) - 1 - people.certified
    issued = people.certified + np.where(unit(keys, "lapsed") < LAPSED, 0, np.maximum(held, 0) // VALID * VALID)
    category = np.searchsorted(SHARES, unit(keys, "category"))
    # severe are most of those who are entitled to the nursing subsidy
    grade = np.where(entitled[:, 1] == 1, 0, 2) + pick(keys, "grade", 2)
    moved = (people.unit + 1 + pick(keys, "hukou county", 106)) % 107
    hukou = np.where(unit(keys, "hukou") < 0.95, people.unit, moved)
    number = ids + pl.Series(np.asarray((category + 1) * 10 + grade + 1)).cast(pl.String)
    return pl.DataFrame(
        {
            "person_key": write_ids(ids, draw),
            "name": write_names(pick(keys, "name", 40_000)),
            "certificate_no": number.set(pl.Series(bare), ""),
            "category": pl.Series(CATEGORIES).gather(category),
            "grade": write_words(GRADES, grade, draw, bare),
            "issue_date": write_dates(issued, draw, bare),
            "expire_date": write_dates(issued + VALID - 1, draw, bare),
            "has_rehab_need": pl.Series(YES).gather(people.needs_rehabilitation(year).astype(int)),
            **{
                f"is_{kind}_subsidy_eligible": pl.Series(YES).gather(entitled[:, place])
                for place, kind in enumerate(KINDS)
            },
            "birth_date": write_dates(birthday, draw),
            "county_code": pl.Series(labels).gather(people.unit),
            "hukou_county": write_words(labels, hukou, draw, draw.random(n) < 0.01),
        }
    )


def _defects(year: int) -> Defects:
    kinds = (
        Defect("id_check_digit", "person_key", wrong_check),
        Defect("id_format", "person_key", lambda good: good[:-1]),
        Defect("id_scientific", "person_key", scientific),
        Defect("id_birth_date", "person_key", never_born),
        Defect("required", "person_key", "不详"),
        Defect("not_in_codes", "category", "其他"),
        Defect("not_in_codes", "grade", "五级"),
        Defect("date_impossible", "issue_date", "2018-02-30"),
        Defect("date_format", "expire_date", "长期"),
        Defect("required", "is_living_subsidy_eligible", "—"),
        Defect("not_in_codes", "is_nursing_subsidy_eligible", "待定"),
        Defect("not_in_codes", "has_rehab_need", "有"),
        Defect("unknown_region", "county_code", "329909"),
        Defect("expired_region", "county_code", "320684" if year > 2020 else "320721"),
        Defect("pattern", "hukou_county", "外省"),
        Defect("encoding", "category", "智力".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
        Defect("ragged_row", "*", "fewer"),
    )

    def renew(row: Row, serial: int) -> Row:
        return {**row, "person_key": make_stranger(serial, year, 26), "certificate_no": ""}

    return Defects(kinds, renew, "person_key", {"has_rehab_need": "是", "hukou_county": ""})
