"""残疾人登记: one row for each person on the disability register at a year end, with and without a certificate."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.paper.defects import RAGGED, Columns, Defect, Defects, each, wrong_codes, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_flags, write_ids, write_names, write_words
from sandbox.province.citizen import stranger, write_citizen
from sandbox.province.counts import take
from sandbox.province.days import day
from sandbox.province.disabled import KINDS, Disabled, find_disabled
from sandbox.province.draw import generator, pick, unit
from sandbox.province.frame import read_frame

CATEGORIES = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"]
SHARES = (0.13, 0.24, 0.27, 0.72, 0.82, 0.93)  # of the categories, cumulative
GRADES = ["一级", "二级", "三级", "四级"]
VALID = 3652  # days, then the certificate is issued anew
LAPSED = 0.02  # certificates that were not
BLOCK = 50_000  # persons written at a time


def write(inbox: Inbox, year: int) -> None:
    """残疾人登记_<year>年."""
    people = find_disabled(year, inbox.scale, inbox.seed)
    people = take(people, people.stands(year))
    n = len(people.keys)
    with inbox.open(__name__, year, _defects(year)) as file:
        for start in range(0, n, BLOCK):
            some = take(people, np.arange(start, min(start + BLOCK, n)))
            draw = generator(inbox.seed, "certificates", year, start)
            file.append(_rows(some, year, inbox.seed, draw), min(1.0, (start + BLOCK) / n))


def _rows(people: Disabled, year: int, seed: int, draw: np.random.Generator) -> Columns:
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
    return {
        "person_key": write_ids(ids, draw),
        "姓名": write_names(pick(keys, "name", 40_000)),
        "残疾人证号": number.set(pl.Series(bare), ""),
        "category": pl.Series(CATEGORIES).gather(category),
        "grade": write_words(GRADES, grade, draw, bare),
        "issue_date": write_dates(issued, draw, bare),
        "expire_date": write_dates(issued + VALID - 1, draw, bare),
        "has_rehab_need": write_flags(people.needs_rehabilitation(year), draw),
        **{f"is_{kind}_subsidy_eligible": write_flags(entitled[:, place], draw) for place, kind in enumerate(KINDS)},
        "birth_date": write_dates(birthday, draw),
        "county_code": read_frame().codes_in(year, people.unit),
        "hukou_county": write_words(labels, hukou, draw, draw.random(n) < 0.01),
    }


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("person_key"),
        Defect("required", "person_key", "不详"),
        *each("not_in_codes", category="其他", grade="五级"),
        Defect("date_impossible", "issue_date", "2018-02-30"),
        Defect("date_format", "expire_date", "长期"),
        Defect("required", "is_living_subsidy_eligible", "—"),
        *each("not_in_codes", is_nursing_subsidy_eligible="待定", has_rehab_need="有"),
        *wrong_codes(year, "329909"),
        Defect("pattern", "hukou_county", "外省"),
        Defect("encoding", "category", "智力".encode("gb18030")[:-1]),
        *RAGGED,
    )
    return Defects(
        kinds, {"person_key": stranger(year, 26), "残疾人证号": ""}, {"has_rehab_need": "是", "hukou_county": ""}
    )
