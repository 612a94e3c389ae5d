"""The period in a file name."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ingest.promises.contract import read_contracts
from ingest.promises.period import Period, period_of

MONTHLY = re.compile("^记录_(?P<year>20[0-9]{2})年(?P<month>[0-9]{2})月")
YEARLY = re.compile("^统计_(?P<year>20[0-9]{2})学年")


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("记录_2020年09月.csv", "2020-09"),
        ("记录_2020年12月_补报（2）.csv", "2020-12"),
        ("记录_2020年13月.csv", None),
        ("记录_2020年00月.csv", None),
        ("记录_2020年9月.csv", None),
        ("记录_2020年.csv", None),
        ("记录_1999年09月.csv", None),
        ("新记录_2020年09月.csv", None),
        ("记录_２０２０年09月.csv", None),
        ("记录_2020年09月_更正_模拟数据.csv", "2020-09"),
        ("记录_2020年09月（再更正）.csv", "2020-09"),
        ("记录_2020年09月 (3).csv", "2020-09"),
        ("记录_2020年09月_v2.csv", "2020-09"),
        ("记录_2020年09月第2版.csv", "2020-09"),
        ("记录_2020年09月_作废.csv", None),
        ("记录_2020年09月至12月.csv", None),
        ("记录_2020年09月.csv.csv", None),
        ("记录_2020年09月_更正20.csv", "2020-09"),
        ("记录_2020年09月_终版.csv", "2020-09"),
        ("记录_2020年09月_2 (1).csv", "2020-09"),
        ("记录_2020年09月_2_更正3_模拟数据.csv", "2020-09"),
        ("记录_2020年09月-1.CSV", "2020-09"),
        ("记录_2020年09月 - 副本 (2).csv", "2020-09"),
        ("记录_2020年09月", "2020-09"),
        ("记录_2020年09月05.csv", None),
        ("记录_2020年09月_1_2.csv", None),
        ("记录_2020年09月-10.csv", "2020-09"),
        ("记录_2020年09月_0.csv", "2020-09"),
        ("记录_2020年09月_更正1_更正2_更正3.csv", None),
        ("记录_2020年09月(329001)(19400101)(0077).csv", None),
        ("记录_2020年09月至12月", None),
        ("记录_2020年09月.10月", None),
    ],
)
def test_a_month_is_read_from_a_name_or_not_at_all(name: str, period: str | None) -> None:
    found = period_of(name, MONTHLY)
    assert (str(found) if found else None) == period


@pytest.mark.parametrize(
    "more",
    [
        "6月",
        "上半年",
        "第2季度",
        "06",
        "1-6",
        "_1-6",
        "_06",
        "-06",
        "(06)",
        " (06)",
        "_202006",
        "20200630",
        "_20200630",
        "_2019",
        "(2019)",
        "_更正202006",
    ],
)
@pytest.mark.parametrize("extension", [".csv", ""])
def test_a_name_that_says_another_period_is_not_of_the_year(more: str, extension: str) -> None:
    assert period_of(f"统计_2020学年{more}{extension}", YEARLY) is None


@pytest.mark.parametrize("more", ["1", "_1", "(", "更正", "_更正1", "更正 (1)"])
def test_a_long_name_is_refused_and_does_not_hang(more: str) -> None:
    for before in ("", "_1", "_更正"):
        assert period_of(f"统计_2020学年{before}{more * 10_000}x.csv", YEARLY) is None


def test_a_school_year_is_the_year_in_which_it_begins() -> None:
    assert period_of("统计_2020学年.csv", YEARLY) == Period(2020)


def test_a_period_includes_its_last_day() -> None:
    assert (Period(2020, 2).start, Period(2020, 2).end) == (date(2020, 2, 1), date(2020, 2, 29))
    assert (Period(2021).start, Period(2021).end) == (date(2021, 1, 1), date(2021, 12, 31))


@pytest.mark.parametrize("contract", read_contracts().values(), ids=lambda c: c.name)
def test_the_name_that_a_refusal_proposes_would_be_accepted(contract) -> None:  # type: ignore[no-untyped-def]
    found = period_of(contract.example_name, contract.filename)
    assert found is not None
    assert (found.month is not None) == (contract.frequency == "m")
    assert contract.example_name.endswith(contract.format)
