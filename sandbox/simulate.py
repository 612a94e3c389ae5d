"""A synthetic province: departments' extracts, good and bad, with the answers."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ingest.words import SIMULATED
from sandbox.adjacency import write_adjacency
from sandbox.assistance import write_assistance
from sandbox.audits import write_audits
from sandbox.cards import write_cards
from sandbox.census import write_census
from sandbox.certificates import write_disabled
from sandbox.childcare import write_childcare
from sandbox.children import write_children
from sandbox.cinerary import write_cinerary
from sandbox.communities import write_communities
from sandbox.deaths import write_deaths
from sandbox.discovery import write_discovery
from sandbox.divisions import write_divisions
from sandbox.eldercare import write_eldercare
from sandbox.elders import write_elders
from sandbox.evaluations import FIRST, write_evaluations
from sandbox.exits import write_exits
from sandbox.hospitals import write_hospitals
from sandbox.households import write_households
from sandbox.inbox import MADE, USUAL, Inbox
from sandbox.incidents import AFTER, add_incidents
from sandbox.kindergartens import write_kindergartens
from sandbox.personnel import write_personnel
from sandbox.pilots import write_pilots
from sandbox.population import write_population
from sandbox.routes import write_routes
from sandbox.schools import write_schools
from sandbox.services import write_services
from sandbox.shots import write_shots
from sandbox.standards import write_standards
from sandbox.students import write_register
from sandbox.subsidies import write_payments
from sandbox.trips import write_trips, write_villages
from sandbox.vaccines import write_schedule

MARKER, ANSWERS = f"{SIMULATED}.json", "answer_key.json"
YEARS = (2019, 2025)
SCALES = (0.001, 1.0)  # below, some files would have fewer rows than their contracts demand
LATE = (1.2, 1.3)

Progress = Callable[[int, int, str], None]


def simulate(out: Path, scale: float, first: int, last: int, seed: int, progress: Progress = lambda *_: None) -> None:
    """Write the inbox of the years first..last to `out`, and the answer key beside it.

    The same arguments give the same bytes and the same modification times; a good file of a year does not depend on
    the other years asked for (which year is sent late or corrected does). Conclusions of evaluations are written from
    2019 on whatever `first` is: the state of a county or city follows from all of them; so are vaccinations, from 2018
    on, and the children's cards, of which a year's file tells the changes.
    Raises ValueError for years or a scale outside what is calibrated, FileExistsError if `out` holds anything else.
    """
    if not (YEARS[0] <= first <= last <= YEARS[1]):
        raise ValueError(f"年份须在 {YEARS[0]}—{YEARS[1]} 之内 (years): {first}—{last}")
    if not (SCALES[0] <= scale <= SCALES[1]):
        raise ValueError(f"比例须在 {SCALES[0]}—{SCALES[1]} 之内 (scale): {scale}")
    clear(out)
    _write_marker(out, {"simulated": True, "scale": scale, "seed": seed, "first": first, "last": last})
    inbox = Inbox(out, scale, seed)
    steps = list(_plan(inbox, list(range(first, last + 1))))
    for done, (what, step) in enumerate(steps):
        progress(done, len(steps), what)
        step()
    inbox.key.write(out.parent / ANSWERS)
    for path in (out.parent / ANSWERS, out / MARKER):
        os.utime(path, (MADE.timestamp(), MADE.timestamp()))
    progress(len(steps), len(steps), "完成")


def _plan(inbox: Inbox, years: list[int]) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is done, in words, and how; one year is sent corrected, another late."""
    corrected, late = years[min(3, len(years) - 1)], years[min(4, len(years) - 1)]
    for year in (2010, 2020):
        yield f"人口普查 {year}", partial(write_census, inbox, year)
    for year in range(FIRST, years[-1] + 1):
        yield f"督导评估 {year}", partial(write_evaluations, inbox, year)
        yield f"主动发现机制评估 {year}", partial(write_discovery, inbox, year)
    for year in range(YEARS[0] - 1, years[-1] + 1):
        yield f"预防接种 {year}", partial(_write_vaccinations, inbox, year)
    for year in years:
        yield f"行政区划 {year}", partial(write_divisions, inbox, year)
        yield f"常住人口 {year}", partial(write_population, inbox, year, LATE if year == late else USUAL)
        yield f"家庭户数 {year}", partial(write_households, inbox, year)
        yield f"学校与学籍 {year}", partial(_write_schools_and_register, inbox, year)
        yield f"离校人员 {year}", partial(write_exits, inbox, year)
        yield f"幼儿园 {year}", partial(_write_kindergartens, inbox, year, year == corrected)
        yield f"老年人与上门服务 {year}", partial(_write_elders_and_services, inbox, year)
        yield f"养老服务设施 {year}", partial(write_eldercare, inbox, year)
        yield f"骨灰安放设施 {year}", partial(write_cinerary, inbox, year)
        yield f"残疾人与两项补贴 {year}", partial(_write_disabled_and_subsidies, inbox, year)
        yield f"困境儿童与社会救助 {year}", partial(_write_assistance, inbox, year)
        yield f"公交 {year}", partial(_write_buses, inbox, year)
        yield f"托育与卫生 {year}", partial(_write_health, inbox, year)
        yield f"死亡登记 {year}", partial(write_deaths, inbox, year)
    yield "问题文件", partial(add_incidents, inbox, years)


def clear(out: Path) -> None:
    """Empty an inbox that the sandbox made before; anything else is left alone, with an error."""
    if out.exists() and any(out.iterdir()) and not (out / MARKER).exists():
        raise FileExistsError(f"{out} 不是空目录，也不是沙盘生成的收件目录 (neither empty nor made by the sandbox)")
    out.mkdir(parents=True, exist_ok=True)
    for child in out.iterdir():
        if child.is_dir():
            shutil.rmtree(child)
        else:
            child.unlink()


def _write_kindergartens(inbox: Inbox, year: int, corrected: bool) -> None:
    """One year is sent with wrong numbers of a few counties first, and corrected before the due date."""
    sent = write_kindergartens(inbox, year, wrong=corrected)
    if corrected:
        better = write_kindergartens(inbox, year, "_更正", when=AFTER)
        inbox.key.superseded.append({"file": sent, "by": better})


def _write_schools_and_register(inbox: Inbox, year: int) -> None:
    write_schools(inbox, year)
    write_register(inbox, year)


def _write_elders_and_services(inbox: Inbox, year: int) -> None:
    write_services(inbox, year, write_elders(inbox, year))


def _write_disabled_and_subsidies(inbox: Inbox, year: int) -> None:
    for write in (write_disabled, write_payments, write_audits):
        write(inbox, year)


def _write_assistance(inbox: Inbox, year: int) -> None:
    for write in (write_children, write_assistance, write_standards, write_communities):
        write(inbox, year)


def _write_buses(inbox: Inbox, year: int) -> None:
    for write in (write_adjacency, write_routes, write_pilots, write_trips, write_villages):
        write(inbox, year)


def _write_vaccinations(inbox: Inbox, year: int) -> None:
    """What is given the year before the first may count in the first."""
    write_shots(inbox, year)
    if year >= YEARS[0]:
        write_schedule(inbox, year)
        write_cards(inbox, year)


def _write_health(inbox: Inbox, year: int) -> None:
    for write in (write_childcare, write_hospitals, write_personnel):
        write(inbox, year)


def _write_marker(out: Path, about: dict[str, object]) -> None:
    """The marker comes first: what an interrupted run leaves behind is known for the sandbox's own."""
    note = f"{SIMULATED}：由沙盘生成，不是任何部门的实际数据"
    (out / MARKER).write_text(json.dumps({**about, "note": note}, ensure_ascii=False, indent=1) + "\n", "utf-8")
