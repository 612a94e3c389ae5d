"""The service levels that contracts promise: which deliveries came in time, late, refused or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import polars as pl

from ingest import settings
from ingest.landing import clock
from ingest.landing.receipt import read_receipts
from ingest.promises.contract import Contract, read_contracts
from ingest.promises.period import Period
from ingest.promises.plan import read_plan
from ingest.promises.region import PROVINCE, read_regions
from ingest.reason import ADVICE
from ingest.words import VERDICT

STATES = {"on_time": "按时", "late": "迟交", "refused": VERDICT["refused"], "missing": "缺"}
FEW = 4  # of a kind that are told one by one
KEY = ["name", "period", "scope"]  # name: department/dataset
WORDS = ("delivery_id", *KEY, "outcome", "reason", "message_zh", "source_file", "withdrawn_by", "withdrawn_note")
RECEIPT: dict[str, Any] = dict.fromkeys(WORDS, pl.String) | {
    "received_at": pl.Datetime("us", "UTC"),
    "arrived_at": pl.Datetime("us", "UTC"),  # by our own clock
    "is_backdated": pl.Boolean,
    "received_date": pl.Date,  # in China
    "due_date": pl.Date,
    "rows_rejected": pl.Int64,
    "is_simulated": pl.Boolean,
}


def receipts() -> pl.DataFrame:
    """One row per delivery of a department, from the lake itself."""
    return pl.DataFrame(map(_row, read_receipts()), schema=RECEIPT).sort("name", "received_at", "delivery_id")


def _row(receipt: dict[str, Any]) -> dict[str, Any]:
    received_at = datetime.fromisoformat(receipt["received_at"])
    due = receipt.get("due_date")
    return {field: receipt.get(field) for field in RECEIPT} | {
        "name": f"{receipt['department']}/{receipt['dataset']}",
        "received_at": received_at,
        "arrived_at": datetime.fromisoformat(receipt.get("arrived_at") or receipt["received_at"]),
        "is_backdated": clock.is_backdated(receipt),
        "received_date": received_at.astimezone(settings.SHANGHAI).date(),
        "due_date": date.fromisoformat(due) if due else None,
    }


def unreplaced(deliveries: pl.DataFrame, outcome: str = "refused") -> pl.DataFrame:
    """The refused (or withdrawn) deliveries after which none of their dataset, period and area was taken in; a file
    whose name does not tell its period is replaced by any later one of its dataset.

    Later is what we saw later, of what came together what was received later.
    """
    landed = deliveries.filter(outcome="landed").select(
        "name", "period", "scope", landed_at="received_at", seen_at="arrived_at"
    )
    gone = deliveries.filter(outcome=outcome)
    replaced = gone.join(landed, on="name", suffix="_landed").filter(
        (pl.col("seen_at") > pl.col("arrived_at"))
        | ((pl.col("seen_at") == pl.col("arrived_at")) & (pl.col("landed_at") >= pl.col("received_at"))),
        pl.col("period").is_null()
        | ((pl.col("period") == pl.col("period_landed")) & (pl.col("scope") == pl.col("scope_landed"))),
    )
    return gone.join(replaced, on="delivery_id", how="anti")


def refusals(deliveries: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The unreplaced refusals by dataset and reason: whose they are and what to do, and the deliveries."""
    contracts = read_contracts()
    for (name, reason), group in unreplaced(deliveries).group_by("name", "reason", maintain_order=True):
        whose = f"{contracts[name].department_zh}《{contracts[name].title}》" if name in contracts else name
        yield f"{whose}的文件退回（{ADVICE.get(reason, '原因见回执')}）", group


def told_refused(head: str, files: list[str], messages: list[str]) -> list[str]:
    """A line for each of a few refusals, one for all of many."""
    return messages if len(messages) <= FEW else [f"{head}：{shortened(files)}"]


def service_levels(today: date, deliveries: pl.DataFrame) -> pl.DataFrame:
    """One row per dataset, period and reporting area of which a delivery was due before today or has come.

    state: one of STATES. days_late: of the first delivery that was taken in, 0 if in time, null without one. The mart
    service_levels says the same as of the newest receipt (int_deliveries__expected.sql).
    """
    contracts = read_contracts()
    # a file whose name does not tell its period and area is of none
    known = deliveries.filter(
        pl.col("name").is_in(list(contracts)),
        pl.col("period").is_not_null(),
        pl.col("reason").ne_missing("unknown_name"),
    )
    come = known.group_by(KEY).agg(
        refusals=(pl.col("outcome") == "refused").sum(),
        received_date=pl.col("received_date").filter(pl.col("outcome") == "landed").min(),
        due_date_then=pl.col("due_date").max(),  # a delivery is judged by the contract that it came under
    )
    expected = pl.DataFrame(
        _expected(contracts, known, today), schema={**dict.fromkeys(KEY, pl.String), "due_date": pl.Date}, orient="row"
    )
    received, due = pl.col("received_date"), pl.col("due_date")
    state = (
        pl.when(received <= due)
        .then(pl.lit("on_time"))
        .when(received.is_not_null())
        .then(pl.lit("late"))
        .when(pl.col("refusals") > 0)
        .then(pl.lit("refused"))
        .when(due < today)
        .then(pl.lit("missing"))
    )
    return (
        expected.join(come, on=KEY, how="full", coalesce=True)
        .with_columns(due_date=pl.coalesce("due_date_then", "due_date"))
        .with_columns(state=state, days_late=(received - due).dt.total_days().clip(0))
        .filter(pl.col("state").is_not_null())
        .select(*KEY, "state", "days_late", "due_date", "received_date")
        .sort(KEY)
    )


def _expected(contracts: dict[str, Contract], known: pl.DataFrame, today: date) -> list[tuple[str, str, str, date]]:
    first = int(read_plan(settings.PLAN).first_period)
    landed = known.filter(outcome="landed")["period"].str.slice(0, 4).cast(pl.Int64).unique()
    years = sorted({*landed.filter(landed >= first), today.year})
    begun = {name: Period.read(text) for name, text in known.group_by("name").agg(pl.col("period").min()).iter_rows()}
    return [
        (name, str(period), scope, contract.due_date(period))
        for name, contract in contracts.items()
        for period in _periods(contract, years, begun.get(name))
        for scope in (sorted(read_regions().cities) if contract.is_by_city else [PROVINCE])
    ]


def _periods(contract: Contract, years: list[int], begun: Period | None) -> Iterator[Period]:
    """Which years a census is of its first delivery tells."""
    is_monthly = contract.frequency == "m"
    for period in (Period(year, month) for year in years for month in (range(1, 13) if is_monthly else (None,))):
        cycle = contract.every * (1 if is_monthly else 12)
        if contract.every == 1 or (begun and (period.number - begun.number) % cycle == 0):
            yield period


def overdue(levels: pl.DataFrame, today: date) -> pl.DataFrame:
    """The levels that a department owes, with who (department, dataset) and what (period, city, due date) in words."""
    contracts, names = read_contracts(), _region_names()
    owed = levels.filter(pl.col("state").is_in(["refused", "missing"]), pl.col("due_date") < today)
    said = [
        {
            "who": f"{contracts[name].department_zh}《{contracts[name].title}》",
            "what": f"{period}{f' {names.get(scope, scope)}' if scope != PROVINCE else ''}（应于{due}交）",
        }
        for name, period, scope, due in owed.select(*KEY, "due_date").iter_rows()
    ]
    return owed.hstack(pl.DataFrame(said, schema=dict.fromkeys(("who", "what"), pl.String)))


def shortened(items: list[str]) -> str:
    """The first of a list, and how many there are."""
    return "、".join(items[:FEW]) + (f"等{len(items)}项" if len(items) > FEW else "")


def _region_names() -> dict[str, str]:
    """As published; before the first publication a city is told by its code."""
    path = settings.published() / "current" / "parquet" / "regions.parquet"
    return dict(pl.read_parquet(path, columns=["region_code", "name_zh"]).iter_rows()) if path.exists() else {}
