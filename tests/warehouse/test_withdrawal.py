"""A withdrawal is news: what the delivery was read for is computed without it, and nothing else is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb
import pytest

from warehouse.running import night

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Suheng

ROUTES, CARDS = "transport/bus_routes", "health/immunization_cards"  # a register of each year; its changes


def accepted(suheng: Suheng, dataset: str, period: str) -> str:
    ((delivery,),) = suheng.query(
        f"select delivery_id from marts.deliveries where department || '/' || dataset = '{dataset}' "
        f"and period = '{period}' and outcome = 'accepted'"
    )
    return str(delivery)


@pytest.fixture
def copy(refreshed: Suheng, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suheng:
    suheng = refreshed.copy(tmp_path / "data", "airflow", "inbox")
    for name in ("SUHENG_DATA", "SUHENG_PSEUDONYM_KEY"):
        monkeypatch.setenv(name, suheng.environment[name])
    return suheng


def test_only_what_read_a_withdrawn_delivery_is_computed_anew_and_its_period_is_missing(copy: Suheng) -> None:
    assert not night.has_news()
    for dataset in (ROUTES, CARDS):
        said = copy("withdraw", accepted(copy, dataset, "2023"), "--by", "王五", "--note", "口径不对")
        assert said.startswith(f"已撤回 {dataset} 2023 的交付 ")
        assert said.endswith("数据和回执仍保存；下一次刷新起，这一期没有采用的交付\n")
    assert night.has_news()
    # the register of cards is what all changes give; without routes there is no year of pairs to compute
    assert copy.rebuild()["kept_recomputed"] == [f"int_immunization__counted {year}" for year in (2023, 2024, 2025)]
    with duckdb.connect(str(copy.data / "build" / "suheng.duckdb"), read_only=True) as con:
        states = con.sql(
            "select department || '/' || dataset, state, deliveries from marts.service_levels "
            f"where period = '2023' and department || '/' || dataset in ('{ROUTES}', '{CARDS}') order by all"
        ).fetchall()
        outcomes = con.sql("select dataset, message_zh from marts.deliveries where outcome = 'withdrawn' order by all")
        assert outcomes.fetchall() == [("bus_routes", "已撤回：口径不对"), ("immunization_cards", "已撤回：口径不对")]
        values = con.sql(
            "select period, status from marts.indicator_values where indicator = 'adjacent_county_bus_rate' "
            "and region_code = '320000' and stratum = 'all' and period in ('2022', '2023', '2024') order by all"
        ).fetchall()
    assert states == [(CARDS, "missing", 1), (ROUTES, "missing", 1)]
    assert values == [("2022", "reported"), ("2023", "missing"), ("2024", "reported")]
    with duckdb.connect(str(copy.data / "build" / "work.duckdb"), read_only=True) as con:
        read = con.sql(
            "select period from lake.deliveries where is_accepted and dataset = 'immunization_cards' order by all"
        ).fetchall()
    assert [period for (period,) in read] == ["2019", "2020", "2021", "2022", "2024", "2025"]


def test_a_wrong_word_is_told_in_a_line(copy: Suheng) -> None:
    said = copy("withdraw", "0" * 16, "--by", "王五", "--note", "错", ok=False)
    assert re.fullmatch(r"NotWithdrawn 没有交付 0{16}；交付标识在回执上 \(no such delivery\)\n", said)
    key = accepted(copy, ROUTES, "2024")
    copy("withdraw", key, "--by", "王五", "--note", "错")
    assert "早已由 王五 于 " in copy("withdraw", key, "--by", "赵六", "--note", "另一个理由")
