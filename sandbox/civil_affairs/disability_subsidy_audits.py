"""残疾人两项补贴核查: what the year's audits found, about the year and the one before, confirmed and not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.civil_affairs.grants import NAMES, Errors, find_errors
from sandbox.paper.defects import Defect, Defects, more_at
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_ids, write_months
from sandbox.province.citizen import never_born, scientific, stranger, write_citizen, wrong_check
from sandbox.province.counts import Bools, Ints, join, take
from sandbox.province.days import day
from sandbox.province.demography import YEARS
from sandbox.province.disabled import find_disabled
from sandbox.province.draw import generator, mix, pick, unit
from sandbox.province.frame import read_frame

AFTERWARDS = 0.5  # of the errors of the last quarter, confirmed in the next year only
FALSE = (8, 0.4)  # alarms that come to nothing: some in any year, and for each confirmed error


class Findings(NamedTuple):
    """Findings about one year; days count from 1900-01-01, months from the year 0."""

    seventeen: Ints
    unit: Ints
    month: Ints
    kind: Ints
    wrong: Bools
    confirmed: Ints  # 0 if not
    closed: Ints
    sent: Ints  # the year in whose file it is


def write(inbox: Inbox, year: int) -> None:
    """残疾人两项补贴核查_<year>年."""
    about = [y for y in (year - 1, year) if y >= YEARS[1]]
    findings = join(*(find_findings(y, inbox.scale, inbox.seed) for y in about))
    findings, draw = take(findings, findings.sent == year), generator(inbox.seed, "audits", year)
    columns = {
        "audit_id": "HC" + pl.Series(year * 10**6 + 1 + np.arange(len(findings.unit))).cast(pl.String),
        "person_key": write_ids(write_citizen(findings.seventeen), draw),
        "subsidy_kind": pl.Series(NAMES).gather(findings.kind),
        "for_month": write_months(findings.month),
        "finding": pl.Series(["漏发", "错发"]).gather(findings.wrong.astype(int)),
        "confirmed_date": write_dates(findings.confirmed, draw, findings.confirmed == 0),
        "closed_date": write_dates(findings.closed, draw, findings.closed == 0),
        "county_code": read_frame().codes_in(year, findings.unit),
    }
    n = 2 + more_at(inbox.scale)
    with inbox.open(__name__, year, _defects(year), n=n, start=n * year) as file:
        file.append(columns)


def find_findings(year: int, scale: float, seed: int) -> Findings:
    """Every confirmed error, every second one of the others, and false alarms; the last year's are all sent in it."""
    people, errors = find_disabled(year, scale, seed), find_errors(year, scale, seed)
    found = errors.confirmed | (np.arange(len(errors.who)) % 2 == 0)
    n = FALSE[0] + int(np.ceil(FALSE[1] * errors.confirmed.sum()))
    who = np.argsort(unit(people.keys, f"alarm {year}"), kind="stable")[:n]
    keys = people.keys[who]
    alarms = Errors(
        who,
        pick(keys, "alarm month", 12),
        np.eye(2, dtype=bool)[pick(keys, "alarm kind", 2)],
        unit(keys, "alarm wrong") < 0.7,
        np.zeros(n, bool),
    )
    told = join(take(errors, found), alarms)
    row, kind = np.nonzero(told.kinds)
    who, month = told.who[row], told.month[row]
    keys = mix(people.keys[who] + month.astype(np.uint64), f"finding {year}")
    later = (month >= 9) & (unit(keys, "later") < AFTERWARDS) & told.confirmed[row] & (year < YEARS[-1])
    at_once = np.minimum(day(year, month + 1, 20) + pick(keys, "confirmed", 75), day(year, 12, 31))
    on = np.where(later, day(year + 1, 1, 5) + pick(keys, "confirmed", 100), at_once)
    closed = np.where(unit(keys, "closed") < 0.8, on + 10 + pick(keys, "closing", 60), 0)
    sent = year + later
    return Findings(
        people.identify(seed)[1][who],
        people.unit[who],
        year * 12 + month,
        kind,
        told.wrong[row],
        np.where(told.confirmed[row], on, 0),
        np.where(closed < day(sent + 1), closed, 0),
        sent,
    )


def _defects(year: int) -> Defects:
    kinds = (
        Defect("id_check_digit", "person_key", wrong_check),
        Defect("not_in_codes", "finding", "多发"),
        Defect("date_impossible", "confirmed_date", f"{year}-02-30"),
        Defect("pattern", "for_month", f"{year}年3月"),
        Defect("unknown_region", "county_code", "329911"),
        Defect("ragged_row", "*", "fewer"),
        Defect("id_scientific", "person_key", scientific),
        Defect("required", "for_month", "—"),
        Defect("encoding", "finding", "漏发".encode("gb18030")[:-1]),
        Defect("pattern", "audit_id", f"核{year}-1"),
        Defect("id_birth_date", "person_key", never_born),
        Defect("not_in_codes", "subsidy_kind", "高龄津贴"),
        Defect("date_format", "confirmed_date", "已认定"),
    )
    return Defects(kinds, {"audit_id": f"HC{year}99{{:04d}}", "person_key": stranger(year, 27)}, {"closed_date": ""})
