"""A column that tells the year again: what it tells must be the year that the file's name tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from desk import HEADER, Desk, csv_bytes, row

from ingest.answering import expected
from ingest.conforming.limits import tell_other_year
from ingest.promises.contract import Contract, read_contracts
from ingest.promises.period import Period

FORMATS: Mapping[str, Mapping[str, Any]] = {"csv": {}, "tab": {"delimiter": "\t", "encoding": "utf-8"}}


@pytest.fixture
def office(desk: Desk) -> Desk:
    return replace(desk, contract=replace(desk.contract, year_headers=("年份",)))


def told(contract: Contract, years: list[str]) -> bytes:
    rows = [[*row(n), year] for n, year in enumerate(years)]
    return csv_bytes([[*HEADER, "年份"], *rows], contract.encoding, delimiter=contract.delimiter)


@pytest.mark.parametrize("name", FORMATS)
def test_a_record_of_another_year_is_rejected_by_its_header(office: Desk, name: str) -> None:
    contract = replace(office.contract, **FORMATS[name])
    found = replace(office, contract=contract).take(
        office.write(told(contract, ["2020", "2019", "2020年", "", "2021.0"]))
    )
    assert found.rejects == [(3, "年份", "other_year"), (6, "年份", "other_year")]
    assert [r["record"] for r in found.rows] == [2, 4, 5]
    assert "年份" not in found.rows[0]
    place = expected.place(contract, "年份", "other_year", Period.read("2020-09"), "320000")
    assert place == "2020，与文件名相同"


def test_a_file_may_do_without_it(office: Desk) -> None:
    found = office.take(office.write(csv_bytes([HEADER, row(1), row(2)])))
    assert (found.outcome, found.rejects, len(found.rows)) == ("landed", [], 2)


def test_what_is_no_year_tells_none() -> None:
    texts = ["2021", "2020", "２０２１年度", "2021-2022", "21", "二〇二一", "", "20210", "2021.00", "2021.5", "年"]
    assert tell_other_year(pl.Series(texts), 2020).nonzero()[0].tolist() == [0, 2, 8]


def test_contracts_that_have_such_a_column_read_it() -> None:
    named = {name for name, contract in read_contracts().items() if contract.year_headers}
    assert named == {
        "civil_affairs/community_assessments",
        "statistics/households",
        "statistics/resident_population",
        "transport/modal_split_survey",
        "transport/township_village_bus",
    }
