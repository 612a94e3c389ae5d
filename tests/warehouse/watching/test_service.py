"""Service levels: the mart and the lake tell the same, and what has not come lowers the covered share."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime

import duckdb
import polars as pl
import pytest

from ingest import settings
from warehouse.building.build import build, snapshot
from warehouse.watching import service

SUZHOU, MONTH = "320500", "2022-07"


def deliveries(name: str, period: str, scope: str = "320000") -> list[dict]:
    found = [json.loads(p.read_text("utf-8")) for p in (settings.lake() / name).glob("*/receipt.json")]
    return [r for r in found if (r["period"], r["scope"], r["outcome"]) == (period, scope, "landed")]


def data(name: str, period: str) -> pl.DataFrame:
    (receipt,) = deliveries(name, period)
    return pl.read_parquet(settings.lake() / name / f"delivery={receipt['delivery_id']}" / "data.parquet")


def test_the_mart_tells_of_the_newest_receipts_day_what_the_lake_tells(refreshed, monkeypatch):
    """By SQL from dbt's sources and by polars from the contracts themselves."""
    monkeypatch.setenv("SUHENG_DATA", str(refreshed.data))
    received = service.receipts()
    levels = service.service_levels(received["received_date"].max(), received)
    mart = refreshed.query(
        "select department || '/' || dataset, period, scope, state, days_late, due_date from marts.service_levels"
    )
    assert sorted(mart) == sorted(levels.drop("received_date").iter_rows())
    # the newest receipt is of 12 March 2026: January was due on 20 February, February on 20 March
    missing = {(name, period) for name, period, _, state, *_ in mart if state == "missing"}
    monthly = ("civil_affairs/disability_subsidy_payments", "civil_affairs/homecare_services")
    assert missing == {(name, "2026-01") for name in monthly}
    key = json.loads((refreshed.data.parent / "answer_key.json").read_text("utf-8"))
    assert [days for *_, state, days, _ in mart if state == "late"] == [late["days"] for late in key["late"]]
    assert levels.filter(name="civil_affairs/children_in_difficulty").group_by("state").len().rows() == [
        ("on_time", 91)
    ]
    assert set(levels.filter(name="statistics/census")["period"]) == {"2010", "2020"}


def test_a_refused_file_is_replaced_by_a_later_one_of_its_period_and_area_only():
    def at(day: int) -> datetime:
        return datetime(2021, 3, day, tzinfo=UTC)

    rows = [  # when it was received, and when it was first seen
        ("same", "d", "2020", "320100", "refused", at(1), at(9)),
        ("by", "d", "2020", "320100", "landed", at(1), at(9)),
        ("after", "d", "2020", "320100", "refused", at(2), at(9)),
        ("older, and seen later", "d", "2020", "320100", "refused", at(1), at(10)),
        ("newer, and seen before", "d", "2020", "320100", "refused", at(2), at(8)),
        ("other city", "d", "2020", "320200", "refused", at(1), at(9)),
        ("other year", "d", "2019", "320100", "refused", at(1), at(9)),
        ("nameless", "d", None, "320000", "refused", at(1), at(9)),
        ("nameless and last", "d", None, "320000", "refused", at(3), at(9)),
        ("other dataset", "e", "2020", "320100", "refused", at(1), at(9)),
    ]
    columns = ["delivery_id", "name", "period", "scope", "outcome", "received_at", "arrived_at"]
    frame = pl.DataFrame(rows, columns, orient="row")
    left = {"after", "older, and seen later", "other city", "other year", "nameless and last", "other dataset"}
    assert set(service.unreplaced(frame)["delivery_id"]) == left
    withdrawn = frame.with_columns(pl.col("outcome").replace("refused", "withdrawn"))
    assert set(service.unreplaced(withdrawn, "withdrawn")["delivery_id"]) == left


@pytest.fixture(scope="module")
def lacking(refreshed, tmp_path_factory):
    """Built without a month of visits, and with Suzhou's children of 2023 refused."""
    copy = refreshed.copy(tmp_path_factory.mktemp("lacking") / "data", "inbox", "airflow", "published")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUHENG_DATA", str(copy.data))
        (visits,) = deliveries("civil_affairs/homecare_services", MONTH)
        shutil.rmtree(settings.lake() / "civil_affairs" / "homecare_services" / f"delivery={visits['delivery_id']}")
        (children,) = deliveries("civil_affairs/children_in_difficulty", "2023", SUZHOU)
        folder = settings.lake() / "civil_affairs" / "children_in_difficulty" / f"delivery={children['delivery_id']}"
        (folder / "data.parquet").unlink()
        refused = children | {"outcome": "refused", "reason": "header_mismatch", "message_zh": "已退回"}
        (folder / "receipt.json").write_text(json.dumps(refused), "utf-8")
        without = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        build("lacking", "--select", "+indicator_values", "+service_levels", *without)
        with duckdb.connect(str(snapshot()), read_only=True) as con:
            yield con


def cell(con, indicator: str, region: str, period: str) -> tuple:
    (row,) = con.sql(
        "select numerator, denominator, value, covered_share, status, flags from marts.indicator_values "
        f"where indicator = '{indicator}' and region_code = '{region}' and period = '{period}' and stratum = 'all'"
    ).fetchall()
    return row


def test_a_refused_citys_counties_read_rejected_and_the_province_covers_the_others(refreshed, lacking):
    indicator = "children_in_difficulty_coverage"
    with duckdb.connect(str(refreshed.data / "build" / "work.duckdb"), read_only=True) as work:
        sums = (
            "select sum(value) filter (where measure = 'children_in_difficulty_protected'), "
            "sum(value) filter (where measure = 'children_in_difficulty') from intermediate.int_measures "
            "where period = '2023' and stratum = 'all' and region_code not like '3205%'"
        )
        ((protected, children),) = work.sql(sums).fetchall()
    numerator, denominator, value, covered, status, flags = cell(lacking, indicator, "320000", "2023")
    assert (numerator, denominator, status, flags) == (protected, children, "reported", "partial")
    assert value == pytest.approx(100 * float(protected) / float(children))
    # 9 of the 95 counties and one of the 11 zones are Suzhou's, also of the 39 and the 2 of the south
    assert covered == pytest.approx(96 / 106)
    assert cell(lacking, indicator, "south", "2023")[3] == pytest.approx(31 / 41)
    rejected = lacking.sql(
        "select region_code, value, period from marts.indicator_values "
        f"where indicator = '{indicator}' and status = 'rejected'"
    ).fetchall()
    assert {(code[:4], value, period) for code, value, period in rejected} == {("3205", None, "2023")}
    # what an earlier publication hid stays hidden
    hidden = (
        "select region_code from marts.indicator_values "
        f"where indicator = '{indicator}' and status = 'suppressed' and region_code like '3205%' and period = '2023'"
    )
    before = set(refreshed.query(f"{hidden} and stratum = 'all'"))
    assert set(lacking.sql(f"{hidden} and stratum = 'all'").fetchall()) == before
    assert len({code for code, *_ in rejected}) + len(before) == 1 + 9 + 1
    level = f"select state, deliveries from marts.service_levels where scope = '{SUZHOU}' and period = '2023'"
    assert lacking.sql(level).fetchall() == [("refused", 1)]


def test_a_month_that_has_not_come_is_a_twelfth_not_covered(refreshed, lacking, monkeypatch):
    """Whom the other months know stays counted; counted again from the lake, person by person."""
    monkeypatch.setenv("SUHENG_DATA", str(refreshed.data))
    visits = {m: data("civil_affairs/homecare_services", f"2022-{m:02}").filter("is_verified") for m in range(1, 13)}
    last = pl.coalesce("valid_to", pl.lit(date(9999, 12, 31)))
    elders = data("civil_affairs/elder_profiles", "2022").filter(
        pl.col("residence_type") == "home",
        pl.col("valid_from") <= date(2022, 12, 31),
        last > date(2022, 1, 1),
        pl.col("birth_date").dt.offset_by("60y") <= pl.min_horizontal(last, pl.lit(date(2022, 12, 31))),
    )["person_key"]
    served = {m: set(v["person_key"]) & set(elders) for m, v in visits.items()}
    others = set().union(*(persons for m, persons in served.items() if m != int(MONTH[-2:])))
    assert len(served[int(MONTH[-2:])] - others) > 0
    numerator, denominator, value, covered, status, flags = cell(lacking, "home_care_service_share", "320000", "2022")
    assert (numerator, denominator, status, flags) == (len(others), elders.n_unique(), "reported", "partial")
    assert value == pytest.approx(100 * len(others) / elders.n_unique())
    assert covered == pytest.approx(11 / 12)
    assert cell(lacking, "home_care_service_share", "320000", "2023")[3:] == (1, "reported", None)
    level = (
        f"select state, due_date from marts.service_levels where dataset = 'homecare_services' and period = '{MONTH}'"
    )
    assert lacking.sql(level).fetchall() == [("missing", date(2022, 8, 20))]
