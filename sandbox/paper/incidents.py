"""What goes wrong with whole files: sent twice, misplaced, cut off, misnamed; every period keeps a good file."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sandbox.paper.inbox import AFTER, BEFORE, Inbox

REGISTER, VISITS = "civil_affairs.elder_profiles", "civil_affairs.homecare_services"
CONCLUSIONS, KINDERGARTENS = "education.balanced_evaluations", "education.kindergarten_census"


class Incident(NamedTuple):
    """A file made from a good one: how it will be refused, and under which name it is sent."""

    reason: str
    dataset: str
    period: int | str
    change: Callable[[Path], bytes]
    suffix: str = ""
    other: str = ""  # the dataset that it is misplaced to
    stem: str = ""  # where it is not named as its contract says


def plan_incidents(inbox: Inbox) -> list[Incident]:
    """One incident of each kind, spread over the years that there are."""
    a, b, c, d, e, f = map(inbox.nth, range(6))
    return [
        Incident("unknown_name", REGISTER, a, _take_top, stem="老年人信息汇总"),
        Incident("wrong_dataset", VISITS, f"{b}-01", Path.read_bytes, "_补报", KINDERGARTENS),
        Incident("unreadable", CONCLUSIONS, c, _cut, "_重报"),
        Incident("too_few_rows", REGISTER, d, _take_top, "_补报"),
        Incident("header_mismatch", VISITS, f"{e}-03", _rename_header, "_再报"),
        Incident("too_many_rejects", VISITS, f"{f}-07", _damage_ids, "_重报"),
    ]


def add_incidents(inbox: Inbox) -> None:
    """Send the refused files before the good ones, and one good file a second time after it."""
    for incident in plan_incidents(inbox):
        inbox.key.refused.append({"file": _send(inbox, incident, BEFORE), "reason": incident.reason})
    again = Incident("", VISITS, f"{inbox.nth(2)}-05", Path.read_bytes, "_重报")
    good = inbox.name(inbox.path(again.dataset, again.period))
    inbox.key.same_bytes.append({"file": _send(inbox, again, AFTER), "same_as": good})


def _send(inbox: Inbox, incident: Incident, when: tuple[float, float]) -> str:
    dataset, period = incident.other or incident.dataset, incident.period
    if incident.other:
        period = str(period).partition("-")[0]
    path = inbox.path(dataset, period, suffix=incident.suffix, stem=incident.stem)
    path.write_bytes(incident.change(inbox.path(incident.dataset, incident.period)))
    inbox.receive(path, period, when)
    return inbox.name(path)


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
