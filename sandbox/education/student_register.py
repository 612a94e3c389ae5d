"""高中阶段学籍: the register of senior-secondary students at the start of a school year, some of them on it twice."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.education.students import STATUSES, TECHNICIAN, Places, count_students, find_places, school_ids
from sandbox.paper.defects import Columns, Defect, Defects, each, ways, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.rows import BLOCK_ROWS
from sandbox.paper.variety import write_dates, write_flags, write_ids, write_names, write_words
from sandbox.province.citizen import stranger, write_young
from sandbox.province.counts import list_spans
from sandbox.province.days import day
from sandbox.province.draw import generator, pick, unit
from sandbox.province.frame import read_frame


def write(inbox: Inbox, year: int) -> None:
    """高中阶段学籍_<year>学年."""
    students = count_students(year, inbox.scale, inbox.seed)
    with inbox.open(__name__, year, _defects(year)) as file:
        for first, last in list_spans(students, BLOCK_ROWS):
            places = find_places(year, first, last, students, inbox.seed)
            file.append(
                _rows(places, year, inbox.seed, generator(inbox.seed, "register", year, first)), last / len(students)
            )


def _rows(places: Places, year: int, seed: int, draw: np.random.Generator) -> Columns:
    frame, n = read_frame(), len(places.keys)
    birthday, ids = write_young(places.unit, places.birth_year, places.serial, seed)
    came, left = unit(places.keys, "came") < 0.02, places.status >= 2
    entry = year + 1 - places.grade
    return {
        "student_key": write_ids(ids, draw),
        "姓名": write_names(pick(places.keys, "name", 40_000)),
        "school_id": school_ids().gather(places.school),
        "grade": pl.Series(places.grade).cast(pl.String),
        "entry_year": write_words([str(y) for y in range(2010, 2030)], entry - 2010, draw, draw.random(n) < 0.005),
        "status": pl.Series(STATUSES).gather(places.status),
        "transfer_in": write_dates(day(entry, 10, 8), draw, ~came),
        "transfer_out": write_dates(day(year, 6, 1) + pick(places.keys, "left", 60), draw, ~left),
        "birth_date": write_dates(birthday, draw),
        "is_technician": write_flags(places.kind == TECHNICIAN, draw),
        "is_disabled": write_flags(pick(places.keys, "disabled", 200) == 0, draw),
        "hukou_county": write_words(frame.labels(year), places.unit, draw, draw.random(n) < 0.05),
    }


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("student_key", None),
        *ways("student_key", id_format=lambda good: good[:-1], required="暂无"),
        Defect("pattern", "school_id", "职校-12"),
        *ways("grade", out_of_range="7", number_format="高一", required="—"),
        *each("not_in_codes", status="借读", is_technician="人社"),
        Defect("date_impossible", "birth_date", f"{year - 16}-02-30"),
        Defect("date_format", "transfer_in", "去年秋季"),
        Defect("pattern", "hukou_county", "外省"),
        Defect("encoding", "status", "在读".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
    )
    return Defects(kinds, {"student_key": stranger(year, 7)}, {"status": "退学", "is_disabled": ""})
