"""A reply as a page that needs nothing but itself; nothing that came from outside is markup."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from ingest.answering.reply import Reply, Table
from ingest.landing.inbox import SIMULATED_NOTE

MOST = 200  # rows of a table


def write_page(path: Path, reply: Reply) -> None:
    steps = "".join(f"<li>{escape(step)}</li>\n" for step in reply.steps)
    page = _template().substitute(
        title=escape(reply.title),
        verdict=reply.verdict,
        banner=f'<p class="banner">{SIMULATED_NOTE}</p>' if reply.is_simulated else "",
        facts="".join(f"<tr><th>{name}</th><td>{escape(fact)}</td></tr>\n" for name, fact in reply.facts.items()),
        steps=f"<h2>怎样做</h2>\n<ol>\n{steps}</ol>\n" if steps else "",
        tables="".join(map(_write_table, reply.tables)),
    )
    path.write_text(page, "utf-8")


@cache
def _template() -> Template:
    return Template(Path(__file__).with_suffix(".html").read_text("utf-8"))


def _write_table(table: Table) -> str:
    head = "".join(f"<th>{name}</th>" for name in table.header)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(str(c))}</td>' for c in row)}</tr>\n" for row in table.rows[:MOST])
    more = f"<p>{count(table, MOST)}；同名 XLSX：{count(table, len(table.rows))}</p>\n" if table.total > MOST else ""
    return f"<h2>{table.caption}</h2>\n{more}<table>\n<tr>{head}</tr>\n{rows}</table>\n"


def count(table: Table, listed: int) -> str:
    """How many rows there are and how many of them are listed."""
    return f"共 {table.total:,} 行，" + (f"只列前 {listed:,} 行" if listed < table.total else "全部列出")
