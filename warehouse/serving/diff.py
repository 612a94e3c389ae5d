"""The command that tells what differs between two publications: values, statuses, and the deliveries between them."""

from __future__ import annotations

from typing import Annotated

import duckdb
import typer
from rich.console import Console

from warehouse.releases import channel
from warehouse.serving.ask import ROWS, show_rows
from warehouse.serving.reader import current_file

VALUES = """
select
    indicator, indicators.name_zh as indicator_zh, regions.name_zh as region_zh, period, population_basis, stratum,
    was.value_rounded as value_was, now.value_rounded as value, was.status as status_was, now.status
from was.marts.indicator_values as was
full join now.marts.indicator_values as now using (indicator, region_code, period, population_basis, stratum)
left join now.marts.indicators as indicators using (indicator)
left join now.marts.regions as regions on region_code = regions.region_code and regions.valid_to is null
where was.value_rounded is distinct from now.value_rounded or was.status is distinct from now.status
order by now.is_headline desc nulls last, indicator, region_code, period, population_basis, stratum
"""
DELIVERIES = """
select department, dataset, period, scope, outcome, source_file
from now.marts.deliveries as now
anti join was.marts.deliveries as was on now.delivery_id = was.delivery_id and now.outcome = was.outcome
order by all
"""


def diff(version: Annotated[str, typer.Argument(help="与哪一版相比；不写为上一版")] = "") -> None:
    console, now = Console(), current_file()
    older = {path.name: path for path in channel.before(now.parent.name)}
    if not older or version not in {"", *older}:
        console.print(f"没有更早的发布{f' {version}' if version else ''}；更早的：{'、'.join(older) or '没有'}")
        return
    was = older[version or max(older)]
    with duckdb.connect() as con:
        for name, file in (("was", was / now.name), ("now", now)):
            con.execute(f"""attach '{str(file).replace("'", "''")}' as {name} (read_only)""")
        for what, query in (("个值或状态不同", VALUES), ("次交付是新的，或结果变了", DELIVERIES)):
            found = con.sql(query)
            rows = found.fetchall()
            console.print(f"{was.name} → {now.parent.name}：{len(rows):,} {what}", markup=False)
            if rows:
                show_rows(found.columns, rows[:ROWS], console)
