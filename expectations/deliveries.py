"""What departments delivered, in the quality report: the trend of quarantined rows, and the files sent back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

import duckdb

from expectations.names import Label, Names
from ingest import settings

YEARS = 8
FILES = 50


@dataclass(frozen=True)
class Sparkline:
    """points: from nought to the greatest, in a field of width by height; a year without deliveries is passed over."""

    points: Sequence[tuple[float, float]]
    width: int = 120
    height: int = 28


@dataclass(frozen=True)
class Share:
    """How many rows of a year were quarantined, of how many that were read."""

    rejected: int
    read: int

    @property
    def percent(self) -> float:
        return 100 * self.rejected / self.read


@dataclass(frozen=True)
class Trend:
    """departments: each with its line and its share of every year, None where it delivered nothing."""

    years: range
    departments: list[tuple[Label, Sparkline, list[Share | None]]]


@dataclass(frozen=True)
class Returned:
    """A file that was sent back or a delivery that was withdrawn; receipt: the way to it from the page, if there is."""

    told: list[Label]
    message: str
    file: str
    receipt: str | None


def read_trend(con: duckdb.DuckDBPyConnection, names: Names) -> Trend | None:
    """Of each department, the share of rows that were quarantined, by the year that they are of."""
    found = con.execute(
        "select department, cast(left(period, 4) as integer) as year, sum(rows_rejected) as rejected, "
        "sum(rows_read) as read from marts.deliveries where outcome not in ('refused', 'withdrawn') and rows_read > 0 "
        "group by department, year qualify year > max(year) over () - ? order by all",
        [YEARS],
    ).fetchall()
    if not found:
        return None
    years = range(min(year for _, year, *_ in found), max(year for _, year, *_ in found) + 1)
    departments = []
    for department, group in groupby(found, key=lambda row: row[0]):
        own = {year: Share(rejected, read) for _, year, rejected, read in group}
        shares = [own.get(year) for year in years]
        line = draw([share.percent if share else None for share in shares])
        departments.append((names.cell("department", department), line, shares))
    return Trend(years, departments)


def draw(shares: Sequence[float | None]) -> Sparkline:
    top = max((share for share in shares if share is not None), default=0) or 1
    step = (Sparkline.width - 8) / max(len(shares) - 1, 1)
    height = Sparkline.height
    return Sparkline(
        [
            (round(4 + n * step, 1), round(height - 4 - (height - 8) * share / top, 1))
            for n, share in enumerate(shares)
            if share is not None
        ]
    )


def read_returned(con: duckdb.DuckDBPyConnection, names: Names) -> list[Returned]:
    """The files sent back and the deliveries withdrawn, newest first."""
    found = con.execute(
        "select department, dataset, period, received_at, source_file, message_zh, delivery_id from marts.deliveries "
        "where outcome in ('refused', 'withdrawn') order by received_at desc, delivery_id limit ?",
        [FILES],
    ).fetchall()
    receipts = {path.stem.rpartition("_")[2]: path for path in (settings.data() / "outbox").glob("*/*.html")}
    columns = ("department", "dataset", "period", "received_at")
    files = []
    for *values, file, message, delivery in found:
        receipt = receipts.get(delivery)
        # from published/current/ as from build/audit/
        way = f"../../outbox/{quote(f'{receipt.parent.name}/{receipt.name}')}" if receipt else None
        told = [names.cell(column, value) for column, value in zip(columns, values, strict=True)]
        files.append(Returned(told, message or "", file or "", way))
    return files
