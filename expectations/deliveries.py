"""What departments delivered, in the quality report: the trend of quarantined rows, and the files sent back."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from urllib.parse import quote

import duckdb

from expectations.names import Names
from ingest import settings

YEARS = 8
FILES = 50
WIDTH, HEIGHT = 120, 28  # of a sparkline


def write_trend(con: duckdb.DuckDBPyConnection, names: Names) -> str:
    """HTML: of each department, the share of rows that were quarantined, by the year that they are of."""
    found = con.execute(
        "select department, cast(left(period, 4) as integer) as year, sum(rows_rejected) as rejected, "
        "sum(rows_read) as read from marts.deliveries where outcome <> 'refused' and rows_read > 0 "
        "group by department, year qualify year > max(year) over () - ? order by all",
        [YEARS],
    ).fetchall()
    if not found:
        return ""
    years = range(min(year for _, year, *_ in found), max(year for _, year, *_ in found) + 1)
    rows = []
    for department, group in groupby(found, key=lambda row: row[0]):
        shares = {year: (100 * rejected / read, rejected, read) for _, year, rejected, read in group}
        cells = "".join(
            f'<td class="number" title="{shares[y][1]:,} / {shares[y][2]:,} 行">{shares[y][0]:.2f}%</td>'
            if y in shares
            else '<td class="number">—</td>'
            for y in years
        )
        line = draw([shares[y][0] if y in shares else None for y in years])
        rows.append(f"<tr><td>{names.cell('department', department)}</td><td>{line}</td>{cells}</tr>\n")
    head = "".join(f'<th class="number">{year}</th>' for year in years)
    return (
        "<h2>各部门隔离率的变化</h2>\n<p>隔离的行占读取的行，按数据所属年度，含已被更新的交付，不含整份退回的文件，也不含不公布行数的分市文件。</p>\n"
        f"<table>\n<tr><th>部门</th><th>变化</th>{head}</tr>\n{''.join(rows)}</table>\n"
    )


def draw(shares: Sequence[float | None]) -> str:
    """A sparkline from nought to the greatest, with a dot at the last; a year without deliveries is passed over."""
    top = max((share for share in shares if share is not None), default=0) or 1
    step = (WIDTH - 8) / max(len(shares) - 1, 1)
    points = [
        (round(4 + n * step, 1), round(HEIGHT - 4 - (HEIGHT - 8) * share / top, 1))
        for n, share in enumerate(shares)
        if share is not None
    ]
    line, (x, y) = " ".join(f"{x},{y}" for x, y in points), points[-1]
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}"><polyline points="{line}"/><circle cx="{x}" cy="{y}" r="2.5"/></svg>'


def write_refused(con: duckdb.DuckDBPyConnection, names: Names) -> str:
    """HTML: the files sent back, newest first, each with the way to its receipt if there is one."""
    found = con.execute(
        "select department, dataset, period, source_file, received_at, message_zh, delivery_id from marts.deliveries "
        "where outcome = 'refused' order by received_at desc, delivery_id limit ?",
        [FILES],
    ).fetchall()
    if not found:
        return ""
    receipts = {path.stem.rpartition("_")[2]: path for path in (settings.data() / "outbox").glob("*/*.html")}
    rows = []
    for department, dataset, period, file, received, message, delivery in found:
        told = [("department", department), ("dataset", dataset), ("period", period), ("received_at", received)]
        cells = "".join(f"<td>{names.cell(column, value)}</td>" for column, value in told)
        receipt = receipts.get(delivery)
        # from published/current/ as from build/audit/
        way = f"../../outbox/{quote(f'{receipt.parent.name}/{receipt.name}')}" if receipt else None
        link = f'<br><a href="{way}">回执</a>' if way else ""
        rows.append(f"<tr>{cells}<td>{escape(message or '')}<br><code>{escape(file or '')}</code>{link}</td></tr>\n")
    head = "".join(f"<th>{word}</th>" for word in ("部门", "数据集", "时期", "收到（UTC）", "原因与说明"))
    return f"<h2>退回的文件</h2>\n<table>\n<tr>{head}</tr>\n{''.join(rows)}</table>\n"
