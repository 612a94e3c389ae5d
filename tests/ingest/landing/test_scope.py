"""Files of one city: known by their names, delivered apart, and never with another city's records."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from desk import PEOPLE, Desk, row

from ingest.promises.contract import read_contract
from ingest.promises.region import read_regions

CITIES = [f"32{n:02}00" for n in range(1, 14)]
PATTERN = "^名册_(?P<scope>32[0-9]{2}00)_(?P<year>20[0-9]{2})年(?P<month>[0-9]{2})月"


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk to which each city sends a file of its own."""
    return replace(desk, contract=replace(desk.contract, filename=re.compile(PATTERN)))


def test_the_province_has_thirteen_cities() -> None:
    assert sorted(read_regions().cities) == CITIES


def test_each_city_has_a_delivery_of_its_own_even_of_the_same_bytes(office: Desk) -> None:
    found = [office.take(office.write([row(1)], f"名册_{city}_2020年09月.csv"), max_reject_share=1) for city in CITIES]
    assert [f.receipt["scope"] for f in found] == CITIES
    assert len({f.folder for f in found}) == len(CITIES)
    assert {str(f.receipt["period"]) for f in found} == {"2020-09"}


def test_a_file_without_a_city_in_its_name_is_the_provinces(desk: Desk) -> None:
    assert desk.take([row(1)]).receipt["scope"] == "320000"


@pytest.mark.parametrize("city", ["320000", "321400", "329900"])
def test_a_name_with_a_code_that_is_no_city_is_refused(office: Desk, city: str) -> None:
    found = office.take(office.write([row(1)], f"名册_{city}_2020年09月.csv"))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unknown_name")
    assert "应如 名册_320500_2025年09月.csv" in found.receipt["message_zh"]


def test_a_record_of_another_city_is_quarantined(office: Desk) -> None:
    codes = ["320508", "320102", "320583", "320571", "320999", "320503", ""]
    rows = [row(n, 县区代码=code) for n, code in enumerate(codes)]
    found = office.take(office.write(rows, "名册_320500_2020年09月.csv"))
    assert found.rejects == [
        (3, "county_code", "outside_scope"),
        (6, "county_code", "unknown_region"),
        (7, "county_code", "expired_region"),  # 平江区, until 2012
        (8, "county_code", "required"),
    ]
    assert [r["county_code"] for r in found.rows] == ["320508", "320583", "320571"]


def test_an_expired_code_of_another_city_is_told_as_expired() -> None:
    codes, reasons = read_regions("320500").check(pl.Series(["320103", "320508"]), 2020)
    assert (codes.to_list(), reasons.to_list()) == ([None, "320508"], ["expired_region", None])


def test_an_example_of_a_name_is_one_that_would_be_taken(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "people.yaml"
    path.parent.mkdir()
    path.write_text(PEOPLE.replace("^名册_", "^名册_(?P<scope>32[0-9]{2}00)_"), "utf-8")
    contract = read_contract(path)
    assert contract.example_name == "名册_320500_2025年09月.csv"
    assert contract.filename.search(contract.example_name)
