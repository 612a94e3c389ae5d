"""What goes wrong with whole files: sent twice, misplaced, cut off, misnamed; every period keeps a good file."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ingest.words import SIMULATED
from sandbox import elders, evaluations, kindergartens, services
from sandbox.inbox import Inbox

BEFORE, AFTER = (0.02, 0.2), (0.85, 1.0)  # received before the good file, or after it


class Incident(NamedTuple):
    """A file made from a good one: how it will be refused, and under which name it is sent."""

    reason: str
    good: str  # folder/stem.extension
    period: str
    change: Callable[[Path], bytes]
    suffix: str = ""
    other: str = ""  # folder/stem, where it is not the good file's own


def plan_incidents(years: list[int]) -> list[Incident]:
    """One incident of each kind, spread over the years that there are."""
    a, b, c, d, e, f = (years[min(i, len(years) - 1)] for i in range(6))
    visits, register = f"{services.FOLDER}/{{}}.csv", f"{elders.FOLDER}/老年人基本信息_{{}}年.csv"
    misplaced = f"{kindergartens.FOLDER}/幼儿园基层统计_{b}学年"
    conclusions = f"{evaluations.FOLDER}/义务教育优质均衡评估结果_{c}年.xlsx"
    return [
        Incident("unknown_name", register.format(a), f"{a}", _take_top, other=f"{elders.FOLDER}/老年人信息汇总"),
        Incident("wrong_dataset", visits.format(services.stem_of(b, 1)), f"{b}", Path.read_bytes, "_误报", misplaced),
        Incident("unreadable", conclusions, f"{c}", _cut, "_损坏"),
        Incident("too_few_rows", register.format(d), f"{d}", _take_top, "_部分"),
        Incident("header_mismatch", visits.format(services.stem_of(e, 3)), f"{e}-03", _rename_header, "_缺列"),
        Incident("too_many_rejects", visits.format(services.stem_of(f, 7)), f"{f}-07", _damage_ids, "_科学计数"),
    ]


def add_incidents(inbox: Inbox, years: list[int]) -> None:
    """Send the refused files before the good ones, and one good file a second time after it."""
    for incident in plan_incidents(years):
        inbox.key.refused.append({"file": _send(inbox, incident, BEFORE), "reason": incident.reason})
    year = years[min(2, len(years) - 1)]
    again = Incident("", f"{services.FOLDER}/{services.stem_of(year, 5)}.csv", f"{year}-05", Path.read_bytes, "_重报")
    inbox.key.same_bytes.append({"file": _send(inbox, again, AFTER), "same_as": _good(again)})


def _good(incident: Incident) -> str:
    stem, extension = incident.good.rsplit(".", 1)
    return f"{stem}_{SIMULATED}.{extension}"


def _send(inbox: Inbox, incident: Incident, when: tuple[float, float]) -> str:
    good, extension = incident.good.rsplit(".", 1)
    folder, stem = (incident.other or good).rsplit("/", 1)
    path = inbox.path(folder, stem + incident.suffix, extension)
    path.write_bytes(incident.change(inbox.root / _good(incident)))
    inbox.receive(path, incident.period, when)
    return path.relative_to(inbox.root).as_posix()


def _take_top(path: Path, lines: int = 21) -> bytes:
    with path.open("rb") as file:
        return b"".join(islice(file, lines))


def _cut(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: len(data) * 3 // 5]


def _rename_header(path: Path) -> bytes:
    return _take_top(path, 400).replace("是否核验".encode("gb18030"), "核验情况".encode("gb18030"), 1)


def _damage_ids(path: Path) -> bytes:
    """Every citizen number as a spreadsheet shows it."""
    return re.sub(rb"(?m)^(S[0-9]{14}),[0-9]{17}[0-9X],", rb"\1,3.29712E+17,", _take_top(path, 400))
