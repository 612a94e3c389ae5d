"""养老服务设施: every institution and community facility at the year end, with its beds."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.apportion import Ints, nearest_numerator, share_out
from sandbox.course import spread
from sandbox.defects import Defect, Defects, Row
from sandbox.draw import generator, pick, unit
from sandbox.frame import read_frame, read_points
from sandbox.homes import INSTITUTION, REGIONAL, RURAL_HOME, Facilities, list_facilities, years_covered
from sandbox.inbox import Inbox
from sandbox.towns import list_towns
from sandbox.variety import day, write_counts, write_dates, write_words
from sandbox.write import CsvFile

FOLDER = "civil_affairs/eldercare_facilities"
COLUMNS = {
    "facility_id": "设施编码",
    "name": "设施名称",
    "facility_type": "设施类型",
    "is_registered": "是否备案",
    "is_comprehensive": "是否具备综合功能",
    "grade": "等级",
    "beds_total": "床位总数",
    "beds_nursing": "护理型床位数",
    "is_smart": "是否智慧养老机构",
    "residents_count": "入住人数",
    "township_code": "乡镇街道代码",
    "county_code": "县区代码",
    "open_date": "开办日期",
    "close_date": "关停日期",
    "lon": "经度",
    "lat": "纬度",
}
TYPES = ["养老机构", "社区养老服务设施", "农村敬老院", "农村区域性养老服务中心"]
GRADES = ["一级", "二级", "三级", "四级", "五级"]
# Per cent of the beds of registered institutions. 2020: the plan, 表2; 2025 is beyond its 70.
NURSING = {2019: 61.18, 2020: 63.74, 2021: 65.42, 2022: 67.05, 2023: 68.61, 2024: 69.87, 2025: 71.16}
SMART = {2019: 0.03, 2020: 0.06, 2021: 0.10, 2022: 0.16, 2023: 0.22, 2024: 0.28, 2025: 0.33}  # of the institutions
SWAPPED = 3  # returns of a year with their two numbers of beds changed round


def write_eldercare(inbox: Inbox, year: int) -> None:
    """养老服务设施_<year>年: the open facilities, and those that closed in the year or opened just after it."""
    columns = COLUMNS | ({"beds_nursing": "护理床位数"} if year <= 2020 else {})
    with CsvFile(inbox, FOLDER, f"养老服务设施_{year}年", columns, "gb18030", str(year)) as file:
        file.spoil(_defects(year))
        file.append(_rows(year, inbox.scale, inbox.seed))


def _rows(year: int, scale: float, seed: int) -> pl.DataFrame:
    frame, draw, listed = read_frame(), generator(seed, "eldercare", year), list_facilities(year, scale, seed)
    u, keys, kind, n = listed.unit, listed.keys, listed.kind, len(listed.unit)
    towns, is_home = list(list_towns()["township_code"]), (kind == INSTITUTION) | (kind == RURAL_HOME)
    registered = is_home & ((listed.number % 4 == 0) | (pick(keys, "registered", 12) > 0)) | (kind == REGIONAL)
    beds, nursing = _count_beds(listed, is_home & registered, year, seed)
    reached = np.where(listed.town >= 0, years_covered(seed)[listed.town], year + 1)
    comprehensive = listed.is_centre | ((unit(keys, "comprehensive") < 0.15) & (reached <= year))
    grade, unrated = _grade(listed, year)
    no_town = (listed.town < 0) | (~listed.is_centre & (draw.random(n) < 0.01))
    lon, lat = np.array(read_points())[u].T + 0.1 * (np.stack([unit(keys, "lon"), unit(keys, "lat")]) - 0.5)
    return pl.DataFrame(
        {
            "facility_id": "YL" + pl.Series(u * 1_000_000 + listed.number).cast(pl.String).str.zfill(9),
            "name": pl.Series(frame.names).gather(u)
            + "第" + pl.Series(listed.number + 1).cast(pl.String) + pl.Series(TYPES).gather(kind) + "（模拟）",
            "facility_type": pl.Series(TYPES).gather(kind),
            "is_registered": write_words(["否", "是"], registered.astype(int), draw),
            "is_comprehensive": write_words(["否", "是"], comprehensive.astype(int), draw),
            "grade": write_words(GRADES, grade, draw, ~is_home | unrated),
            "beds_total": write_counts(beds, draw),
            "beds_nursing": write_counts(nursing, draw),
            "is_smart": write_words(["否", "是"], (unit(keys, "smart") < SMART[year]).astype(int), draw, ~is_home),
            "residents_count": write_counts(np.floor(0.55 * scale * beds + unit(keys, "lodging")).astype(int), draw),
            "township_code": write_words(towns, listed.town, draw, no_town),
            "county_code": pl.Series(frame.labels(year)).gather(u),
            "open_date": write_dates(listed.since, draw),
            "close_date": write_dates(listed.until, draw, listed.until == 0),
            "lon": [f"{x:.6f}" for x in lon],
            "lat": [f"{x:.6f}" for x in lat],
        }
    )  # fmt: skip


def _count_beds(listed: Facilities, registered: np.ndarray, year: int, seed: int) -> tuple[Ints, Ints]:
    """(beds, nursing beds): those of registered institutions that stand add up to the year's share, the others do not.

    A few returns have the two numbers changed round, so that they cannot be counted.
    """
    least, more = (np.array(sizes)[listed.kind] for sizes in ((40, 0, 20, 10), (300, 16, 140, 50)))
    beds = np.floor(least + more * unit(listed.keys, "beds")).astype(np.int64)
    counted = registered & (listed.until == 0) & (listed.since < day(year + 1))
    swapped = np.argsort(np.where(counted, unit(listed.keys, f"swapped{year}"), 2), kind="stable")[:SWAPPED]
    counted[swapped] = False
    rural = (listed.town >= 0) & list_towns()["is_rural"].to_numpy()[listed.town]
    weights = beds * spread("nursing", year, seed)[listed.unit] * np.where(rural, 0.85, 1.0)
    weights *= 0.7 + 0.6 * unit(listed.keys, "nursing")
    nursing = beds * 9 // 10
    total = nearest_numerator(NURSING[year], int(beds[counted].sum()))
    nursing[counted] = share_out(total, weights[counted], beds[counted])
    beds[swapped], nursing[swapped] = nursing[swapped], beds[swapped]
    return beds, nursing


def _grade(listed: Facilities, year: int) -> tuple[Ints, np.ndarray]:
    """(index in GRADES, where there is none): rural homes rise to grade 2 one after the other."""
    risen = (listed.kind == RURAL_HOME) & (unit(listed.keys, "risen") < 0.98 * (year - 2018) / 7)
    grade = np.searchsorted([0.35, 0.7, 0.9, 0.97], unit(listed.keys, "grade"))
    return np.where(risen, np.maximum(grade, 1), grade), (pick(listed.keys, "rated", 10) == 0) & ~risen


def _defects(year: int) -> Defects:
    kinds = (
        Defect("required", "beds_total", "—"),
        Defect("number_format", "beds_nursing", "约60张"),
        Defect("out_of_range", "beds_total", "12000"),
        Defect("out_of_range", "beds_nursing", "-1"),
        Defect("not_in_codes", "facility_type", "老年公寓"),
        Defect("not_in_codes", "is_registered", "备案中"),
        Defect("required", "is_comprehensive", "不详"),
        Defect("not_in_codes", "grade", "AAA"),
        Defect("pattern", "facility_id", "苏养老001"),
        Defect("unknown_region", "county_code", "329911"),
        Defect("expired_region", "county_code", "320684" if year > 2020 else "320721"),
        Defect("pattern", "township_code", "3201020010"),
        Defect("date_format", "open_date", "建国初期"),
        Defect("date_impossible", "close_date", f"{year}年11月31日"),
        Defect("encoding", "facility_type", "养老机构".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
        Defect("ragged_row", "*", "fewer"),
    )

    def renew(row: Row, serial: int) -> Row:
        return {**row, "facility_id": f"YL999{serial:06d}"}

    return Defects(
        kinds, renew, "facility_id", {"name": "重复填报设施（模拟）", "beds_total": "9", "beds_nursing": "9"}
    )
