"""残疾人两项补贴发放: what was paid in each month, a typed file a month, with what was paid late and paid twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.civil_affairs.grants import NAMES, delay, find_errors, pay
from sandbox.paper.defects import Columns, Defect, Defects, each, ended_code, more_at
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_ids, write_months, write_names
from sandbox.province.citizen import never_born, scientific, stranger, write_citizen, wrong_check
from sandbox.province.counts import Bools, Ints, take
from sandbox.province.days import FIRST_DAY, day
from sandbox.province.disabled import Disabled, find_disabled
from sandbox.province.draw import generator, mix, pick, unit
from sandbox.province.frame import read_frame

TWICE = 0.0003  # payments made a second time
ELSEWHERE = 0.004  # persons whose nursing subsidy another county pays
BLOCK = 100_000  # payments written at a time
EPOCH = (date(1970, 1, 1) - FIRST_DAY).days


class Payments(NamedTuple):
    """Payments made in one month."""

    who: Ints  # row of the persons
    kind: Ints
    month: Ints  # the month that it is for, from the year 0
    again: Bools  # paid already


def write(inbox: Inbox, year: int) -> None:
    """残疾人两项补贴发放_<year>年<month>月, twelve files."""
    people = find_disabled(year, inbox.scale, inbox.seed)
    paid = pay(people, find_errors(year, inbox.scale, inbox.seed), year)
    late = delay(people, year)
    ids = write_citizen(people.identify(inbox.seed)[1])
    for month in range(12):
        payments = _list(people, paid, late, year, month)
        n, few = len(payments.who), 3 + more_at(inbox.scale)
        period, turn = f"{year}-{month + 1:02d}", few * (12 * year + month)
        with inbox.open(__name__, period, _defects(year, month + 1), n=few, start=turn) as file:
            for start in range(0, n, BLOCK):
                some = take(payments, np.arange(start, min(start + BLOCK, n)))
                draw = generator(inbox.seed, "payments", year, month, start)
                file.append(_rows(people, ids, some, year, month, start, draw), min(1.0, (start + BLOCK) / n))


def _list(people: Disabled, paid: Bools, late: Ints, year: int, month: int) -> Payments:
    """The month's own, then some of these again, then first months that were due before."""
    now = year * 12 + month
    who, kind = np.nonzero(paid[:, :, month] & ~((late > 0) & (people.first == now)))
    again = np.flatnonzero(unit(mix(people.keys[who], f"{now}"), "twice") < TWICE)
    after, late_kind = np.nonzero((late > 0) & (people.first + late == now))
    counts = [len(who), len(again), len(after)]
    return Payments(
        np.concatenate([who, who[again], after]),
        np.concatenate([kind, kind[again], late_kind]),
        np.concatenate([np.full(counts[0] + counts[1], now), people.first[after, late_kind]]),
        np.repeat([False, True, False], counts),
    )


def _rows(
    people: Disabled, ids: pl.Series, payments: Payments, year: int, month: int, start: int, draw: np.random.Generator
) -> Columns:
    who, kind, n = payments.who, payments.kind, len(payments.who)
    keys, home = people.keys[who], people.unit[who]
    other = (home + 1 + pick(keys, "payer", 106)) % 107
    payer = np.where((kind == 1) & (unit(keys, "elsewhere") < ELSEWHERE), other, home)
    serial = (year * 100 + month + 1) * 10**9 + start + np.arange(n)
    yuan = np.where(kind == 0, 330, 160) + 10 * (year - 2019) + (np.array([60, 30])[kind] * read_frame().macro[payer])
    on = day(year, month + 1, 10) + payer * 7 % 15 + 3 * payments.again
    amount = pl.Series(yuan.astype(np.int64)).cast(pl.Decimal(12, 2))
    return {
        "payment_id": "D" + pl.Series(serial).cast(pl.String),
        "person_key": write_ids(ids.gather(who), draw),
        "姓名": write_names(pick(keys, "name", 40_000)),
        "subsidy_kind": pl.Series(NAMES).gather(kind),
        "for_month": write_months(payments.month),
        "amount_cny": amount.set(pl.Series(draw.random(n) < 0.002), None),
        "paid_date": pl.Series((on - EPOCH).astype(np.int32)).cast(pl.Date),
        "county_code": read_frame().codes_in(year, payer),
    }


def _defects(year: int, month: int) -> Defects:
    """What a typed file can hold: its dates are dates and its numbers are numbers."""
    kinds = (
        Defect("id_check_digit", "person_key", wrong_check),
        Defect("outside_period", "paid_date", date(year - 1, month, 15)),
        Defect("not_in_codes", "subsidy_kind", "高龄津贴"),
        Defect("id_scientific", "person_key", scientific),
        Defect("pattern", "for_month", f"{year}-13"),
        Defect("required", "paid_date", None),
        Defect("out_of_range", "amount_cny", Decimal("-160.00")),
        Defect("id_format", "person_key", lambda good: good + "0"),
        Defect("unknown_region", "county_code", "329910"),
        Defect("required", "for_month", None),
        Defect("pattern", "payment_id", f"补{year}{month:02d}"),
        Defect("id_birth_date", "person_key", never_born),
        ended_code(year),
        Defect("out_of_range", "amount_cny", Decimal("33000.00")),
        *each("required", person_key="—", subsidy_kind=None),
    )
    renew = {"payment_id": f"D{year}{month:02d}999{{:06d}}", "person_key": stranger(year, month, 26)}
    return Defects(kinds, renew, {"姓名": "重复记录", "amount_cny": Decimal("10.00")})
