"""Cells against Python's dates and decimals, one cell at a time."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from desk import citizen
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.conforming.clean import NULLS, UNCLEAN, are_plainly_clean, clean
from ingest.conforming.conform import conform
from ingest.exchange import Texts
from ingest.fold import MARKS
from ingest.promises.column import Column
from ingest.promises.contract import Contract, read_contracts
from ingest.promises.period import Period
from ingest.promises.region import read_regions

SEPTEMBER = Period(2020, 9)
NOTHING = [(0, 0, 0), (1, 1, 1), (1899, 12, 30), (1900, 1, 1), (9999, 12, 31)]
WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
RARE = "㛃㑇𬱖𠮷"  # two to four bytes in UTF-8, four in GB18030
CELL = st.text(st.sampled_from('aZ09-, "\n\r\x00张三·' + RARE), max_size=6)
COLUMN = Column("cell", ("格",), "", "text", "VARCHAR", False, {}, None, None, None, False)


def cleaned(texts: pl.Series) -> pl.Series:
    return texts.to_frame("odd").select(clean(pl.col("odd"))).to_series()


def column(kind: str, sql_type: str = "VARCHAR", **changes: Any) -> Column:
    return replace(COLUMN, kind=kind, sql_type=sql_type, **changes)


INTEGER, MONEY, DATE = column("integer", "INTEGER"), column("decimal", "DECIMAL(12,2)"), column("date", "DATE")


def conform_one(what: Column, text: str, period: Period = SEPTEMBER) -> tuple[Any, str | None]:
    values, reasons = conform(what, Texts(pl.Series([text], dtype=pl.String)), period, read_regions())
    return values[0], None if reasons is None else reasons[0]


@pytest.mark.parametrize(
    "mark", ["", "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详", " ", "\u3000", " — ", "'"]
)
@pytest.mark.parametrize("kind", [INTEGER, MONEY, DATE, COLUMN, column("citizen", "UUID"), column("region")])
def test_a_null_mark_is_missing_and_a_reject_only_where_required(mark: str, kind: Column) -> None:
    assert conform_one(kind, mark) == (None, None)
    assert conform_one(replace(kind, required=True), mark) == (None, "required")


@given(CELL, st.text(st.sampled_from(" \t\n\r\u3000\ufeff\u200b\xa0"), max_size=3), st.sampled_from(["", "'"]))
def test_blanks_and_an_apostrophe_around_a_cell_change_nothing(text: str, blank: str, apostrophe: str) -> None:
    plain, padded = pl.Series([text]), pl.Series([blank + apostrophe + text + blank])
    if cleaned(plain)[0] is not None and not text.lstrip().startswith("'"):
        assert cleaned(padded).to_list() == cleaned(plain).to_list()
        assert conform_one(COLUMN, padded[0]) == conform_one(COLUMN, text)


@given(
    st.lists(
        st.text(st.sampled_from("aZ 0'\t\n\r张·—，９Ｘ\u3000\ufeff\u200b\xa0\ufffd\x00" + RARE), max_size=4), max_size=6
    )
)
def test_a_look_at_the_bytes_misses_no_unclean_text(texts: list[str]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    assert not (are_plainly_clean(Texts(series).array) and series.str.contains(UNCLEAN).any())
    assert not (are_plainly_clean(Texts(series).array.slice(1)) and series.slice(1).str.contains(UNCLEAN).any())


@pytest.mark.parametrize("texts", [[], ["", ""], ["张三", "", "南京市玄武区 1 号", "a'b\nc", "𬱖𠮷"]])
def test_clean_texts_are_seen_to_be_clean(texts: list[str]) -> None:
    assert are_plainly_clean(pa.array(texts, pa.string()))


@given(st.text(st.sampled_from("0123456789Xx.,-/ 张'")))
def test_full_width_is_read_as_half_width(text: str) -> None:
    wide = text.translate(str.maketrans("0123456789Xx.,-/ ", "０１２３４５６７８９Ｘｘ．，－／　"))
    if text.strip(" '") not in NULLS and wide.strip(" 　'") not in NULLS:
        assert cleaned(pl.Series([wide])).to_list() == cleaned(pl.Series([text])).to_list()
        assert conform_one(COLUMN, wide) == conform_one(COLUMN, text)


@given(st.dates(date(1850, 1, 1), date(2100, 12, 31)).filter(lambda d: (d.year, d.month, d.day) not in NOTHING))
def test_a_date_is_read_in_every_form_that_departments_use(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    forms = [
        f"{y}-{m:02}-{d:02}",
        f"{y}/{m}/{d}",
        f"{y}.{m}.{d}",
        f"{y}年{m}月{d}日",
        f"{y}{m:02}{d:02}",
        f"{y}-{m}-{d}",
    ]
    forms += [f" {forms[0]} ", f"'{forms[0]}", forms[0].translate(WIDE), forms[4].translate(WIDE)]
    values, reasons = conform(DATE, Texts(pl.Series(forms)), SEPTEMBER, read_regions())
    assert values.to_list() == [day] * len(forms)
    assert reasons is None


@given(
    st.from_regex(r"[0-9]{1,8}([-/.年][0-9]{1,3}){0,2}[月日]?", fullmatch=True)
    | st.text("0123456789-+ /.年月日", max_size=12)
)
def test_a_date_that_is_accepted_has_the_numbers_of_its_cell(text: str) -> None:
    value, reason = conform_one(DATE, text)
    assert value is None or reason is None
    if value:
        numbers = [int(n) for n in re.findall("[0-9]+", text)]
        assert numbers in ([value.year, value.month, value.day], [value.year * 10_000 + value.month * 100 + value.day])


@given(st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99))
@example(0, 0, 0)
def test_a_date_is_impossible_exactly_when_the_calendar_does_not_have_it(year: int, month: int, day: int) -> None:
    exists = 1850 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    for text in (f"{year:04}-{month:02}-{day:02}", f"{year:04}年{month}月{day}日", f"{year:04}{month:02}{day:02}"):
        expected = (date(year, month, day), None) if exists else (None, "date_impossible")
        assert conform_one(DATE, text) == ((None, "nothing_date") if (year, month, day) in NOTHING else expected)


@pytest.mark.parametrize(
    "text",
    [
        "202009",
        "2020111",
        "2020",
        "20-09-05",
        "09/05/2020",
        "2020-09",
        "44079",
        "三月",
        "2020--9-5",
        "-2020-09-05",
        "20200-09-05",
    ],
)
def test_what_could_be_two_dates_or_none_is_no_date(text: str) -> None:
    assert conform_one(DATE, text) == (None, "date_format")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("2020-09-01", None), ("2020年9月30日", None), ("2020-08-31", "outside_period"), ("2020/10/1", "outside_period")],
)
def test_a_period_includes_its_first_and_last_day(text: str, reason: str | None) -> None:
    assert conform_one(replace(DATE, within_period=True), text)[1] == reason
    assert conform_one(replace(DATE, within_period=True), text, Period(2020))[1] is None


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_whole_number_is_read_in_every_form(number: int) -> None:
    forms = [
        f"{number}",
        f"{number:,}",
        f" {number} ",
        f"'{number}",
        f"{number}".translate(WIDE),
        f"{number:,}".translate(WIDE),
    ]
    values, reasons = conform(INTEGER, Texts(pl.Series(forms)), SEPTEMBER, read_regions())
    assert values.to_list() == [number] * len(forms)
    assert reasons is None


@given(st.decimals(-(10**9), 10**9, places=2))
def test_an_amount_is_read_in_every_form(amount: Decimal) -> None:
    forms = [
        f"{amount}",
        f"{amount:,}",
        f"{amount}元",
        f"{amount:,} 元",
        f"￥{amount}",
        f"¥{amount:,}元",
        f"{amount}".translate(WIDE),
    ]
    values, reasons = conform(MONEY, Texts(pl.Series(forms)), SEPTEMBER, read_regions())
    assert values.to_list() == [amount] * len(forms)
    assert reasons is None


@given(st.decimals(-(10**9), 10**9, places=5) | st.decimals(-(10**3), 10**3, places=2))
@example(Decimal("8.20000"))
@example(Decimal("8.25100"))
def test_a_number_is_never_rounded_to_fit_its_column(amount: Decimal) -> None:
    fits = amount == amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    for form in (f"{amount:f}", f"{amount:f}元", f"{amount:,f}"):
        assert conform_one(MONEY, form) == ((amount, None) if fits else (None, "too_many_decimals"))
    whole = amount == amount.to_integral_value()
    assert conform_one(INTEGER, f"{amount:f}") == ((int(amount), None) if whole else (None, "too_many_decimals"))


def test_one_long_number_among_short_ones_is_found() -> None:
    texts = ["8.2", "8", "8.20", ".5", "8.25", "8.", "18.300", "", "8.2.5"]
    values, reasons = conform(column("decimal", "DECIMAL(4,1)"), Texts(pl.Series(texts)), SEPTEMBER, read_regions())
    assert reasons is not None
    assert reasons.to_list() == [None] * 4 + ["too_many_decimals", None, None, None, "number_format"]
    kept = ["8.2", "8", "8.2", "0.5", None, "8", "18.3", None, None]
    assert values.to_list() == [None if v is None else Decimal(v) for v in kept]


@pytest.mark.parametrize(
    "text",
    ["1,2,3", "3,5", "1,23", "12,3456", "0,123", "00,123", ",5", "1e3", "1.2E+08", "inf", "12万", "1 234", "1_000"],
)
@pytest.mark.parametrize("kind", [INTEGER, MONEY])
def test_what_is_not_plainly_a_number_is_refused(kind: Column, text: str) -> None:
    assert conform_one(kind, text) == (None, "number_format")


def test_a_count_has_no_decimals_but_zeros() -> None:
    assert conform_one(INTEGER, "12.5") == (None, "too_many_decimals")
    assert conform_one(INTEGER, "3岁") == (None, "number_format")
    assert conform_one(INTEGER, "120.0") == conform_one(INTEGER, "1,20.00".replace(",", "")) == (120, None)


@pytest.mark.parametrize("mark", ["NULL", "null", "\\N", " NULL ", "NaN", '=""'])
@pytest.mark.parametrize("kind", [INTEGER, MONEY, DATE, COLUMN, column("citizen", "UUID")])
def test_what_programs_write_for_nothing_is_nothing(mark: str, kind: Column) -> None:
    assert conform_one(kind, mark) == (None, None)
    assert conform_one(replace(kind, required=True), mark) == (None, "required")


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", " #n/a "])
@pytest.mark.parametrize("kind", [INTEGER, MONEY, DATE, COLUMN, column("citizen", "UUID"), column("region")])
def test_an_error_of_a_formula_is_never_nothing(text: str, kind: Column) -> None:
    assert conform_one(kind, text) == (None, "error_cell")


def test_a_text_that_a_spreadsheet_was_to_leave_alone_is_unwrapped() -> None:
    assert conform_one(COLUMN, '="P320102000"') == ("P320102000", None)
    assert conform_one(column("region"), '="320102"') == ("320102", None)
    for mark in MARKS:
        assert conform_one(COLUMN, f"P32{mark}0102") == ("P320102", None)


@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\x1e", "\x7f", "\x85"])
def test_a_control_character_is_a_reject_in_any_column(sign: str) -> None:
    for kind in (COLUMN, INTEGER, DATE):
        assert conform_one(kind, f"1{sign}2") == (None, "control_character")
    assert conform_one(COLUMN, "一\n二\t三") == ("一\n二\t三", None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-09-05 00:00:00", 5),
        ("2025-09-05T00:00:00", 5),
        ("2025-09-05 00:00:00.000", 5),
        ("2025/9/5 0:00", 5),
        ("2025年9月5日 00:00", 5),
        ("2025-09-05T00:00:00+08:00", 5),
        ("2025-09-05T00:00:00.000+0800", 5),
        ("2025-09-05T16:00:00.000Z", 6),
        ("2025-09-05T16:00:00+00:00", 6),
        ("2025-09-05 08:30:00", None),
        ("2025-09-05T00:00:00Z", None),
        ("2025-09-05T16:00:00", None),
        ("2025-09-05 00:00:01", None),
    ],
)
def test_a_date_may_have_the_time_of_midnight_in_shanghai_and_no_other(text: str, day: int | None) -> None:
    assert conform_one(DATE, text) == ((None, "time_of_day") if day is None else (date(2025, 9, day), None))


@pytest.mark.parametrize(
    "text", ["1900-01-01", "1899-12-30", "1899-12-31", "9999-12-31", "0000-00-00", "1900/1/1 0:00", "99991231"]
)
def test_a_date_that_means_none_is_none_only_where_the_contract_says_so(text: str) -> None:
    assert conform_one(DATE, text) == (None, "nothing_date")
    assert conform_one(replace(DATE, empty_dates=True), text) == (None, None)
    assert conform_one(replace(DATE, empty_dates=True, required=True), text) == (None, "required")


def test_a_number_too_large_for_its_column_is_out_of_range() -> None:
    assert conform_one(INTEGER, "2147483648") == (None, "out_of_range")
    assert conform_one(MONEY, "10000000000.00") == (None, "out_of_range")
    assert conform_one(column("integer", "BIGINT"), "2,147,483,648") == (2**31, None)


@pytest.mark.parametrize(
    ("text", "reason"), [("0", None), ("5000", None), ("-1", "out_of_range"), ("5,001", "out_of_range")]
)
def test_limits_include_their_ends(text: str, reason: str | None) -> None:
    for kind in (INTEGER, MONEY):
        assert conform_one(replace(kind, minimum=0, maximum=5000), text)[1] == reason


def test_a_value_beyond_the_limits_does_not_touch_those_at_them() -> None:
    limited = replace(INTEGER, minimum=0, maximum=5000)
    values, reasons = conform(limited, Texts(pl.Series(["0", "-1", "5000", "5001", ""])), SEPTEMBER, read_regions())
    assert reasons is not None
    assert reasons.to_list() == [None, "out_of_range", None, "out_of_range", None]
    assert [values[0], values[2], values[4]] == [0, 5000, None]


@pytest.mark.parametrize(
    ("code", "year", "reason"),
    [
        ("320102", 2020, None),
        ("'320102", 2020, None),
        ("３２０１０２", 2020, None),
        ("320602", 2019, None),  # 崇川区, merged into 320613 in 2020
        ("320602", 2020, None),
        ("320602", 2021, "expired_region"),
        ("320613", 2019, "expired_region"),
        ("320613", 2020, None),
        ("320371", 2023, None),  # a functional zone
        ("320100", 2020, "unknown_region"),  # a city is no county
        ("110101", 2020, "unknown_region"),
        ("玄武区", 2020, "unknown_region"),
    ],
)
def test_a_county_code_is_good_in_its_years(code: str, year: int, reason: str | None) -> None:
    value, why = conform_one(column("region"), code, Period(year))
    assert why == reason
    assert (value is None) == (reason is not None)


def test_a_pattern_is_met_after_cleaning() -> None:
    service = column("text", pattern="^S[0-9]{4}$")
    assert conform_one(service, "S００１２") == ("S0012", None)
    assert conform_one(service, " 'S0012") == ("S0012", None)
    assert conform_one(service, "S0012\n") == ("S0012", None)
    for text in ("S001", "S00123", "XS0012", "S٠٠١٢"):
        assert conform_one(service, text)[1] == "pattern"


@pytest.mark.parametrize(
    "kind", [COLUMN, INTEGER, DATE, column("citizen", "UUID"), column("codes", codes={"是": "yes"})]
)
@pytest.mark.parametrize("text", ["张\ufffd", "\ufffd", "12\x00", "\x00"])
def test_a_broken_character_is_an_encoding_error_in_any_column(kind: Column, text: str) -> None:
    assert conform_one(kind, text)[1] == "encoding"
    assert conform_one(replace(kind, required=True), text)[1] == "encoding"


def test_a_word_is_good_exactly_when_the_contract_names_it(people: Contract) -> None:
    service, checked = people.columns[3], people.columns[4]
    assert conform_one(service, "助餐") == ("meals", None)
    assert conform_one(service, "照料，（含夜间）") == ("care", None)
    assert conform_one(service, " 照料,（含夜间） ") == ("care", None)
    assert conform_one(service, "助浴") == (None, "not_in_codes")
    assert conform_one(checked, "是") == ("true", None)
    assert conform_one(checked, "否") == ("false", None)
    assert conform_one(checked, "Y") == (None, "not_in_codes")


@pytest.mark.parametrize(
    ("what", "label", "code"),
    [
        pytest.param(c, label, code, id=f"{contract.dataset}.{c.name}={code}")
        for contract in read_contracts().values()
        for c in contract.columns
        for label, code in c.codes.items()
    ],
)
def test_every_word_of_every_contract_is_understood(what: Column, label: str, code: str) -> None:
    assert conform_one(what, label) == (code, None)


@pytest.mark.parametrize(
    "kind", [COLUMN, INTEGER, MONEY, DATE, column("citizen", "UUID"), column("region"), column("codes")]
)
def test_no_cells_give_no_values(kind: Column) -> None:
    values, reasons = conform(kind, Texts(pl.Series([], dtype=pl.String)), SEPTEMBER, read_regions())
    assert (len(values), reasons) == (0, None)


@pytest.mark.parametrize("written", ["Ｓ２０２０", "S\u3000 2020", "S20\u200b20", "\ufeffS2020", "S\u20602020"])
def test_a_code_is_known_in_its_compatible_forms(written: str) -> None:
    form = replace(COLUMN, pattern="^S[0-9]{4}$")
    assert conform_one(form, written) == ("S2020", None)


def test_a_word_of_a_list_is_known_in_its_compatible_forms_and_with_blanks_in_it() -> None:
    listed = replace(column("codes"), codes={"照料，（含夜间）": "care", "A类": "a"})
    for written in ("照料,(含夜间)", "照料， （含夜间）\u200b", "照 料,（含夜间）"):
        assert conform_one(listed, written) == ("care", None)
    assert conform_one(listed, "Ａ 类") == ("a", None)
    assert conform_one(listed, "照料") == (None, "not_in_codes")


@pytest.mark.parametrize("written", ["320102.0", "320102000000", "320102000", "32010", "320102.", "３２０１０２０００"])
def test_a_code_of_a_county_has_six_digits(written: str) -> None:
    assert conform_one(column("region"), written) == (None, "region_length")


def test_a_text_without_a_form_is_left_as_it_is_written() -> None:
    assert conform_one(COLUMN, "Ａ座（２楼）①") == ("Ａ座（2楼）①", None)


@pytest.mark.parametrize("written", ["3.20102E+17", "3E+12", "9.00e+05", " 3.20102E+17 "])
def test_a_code_that_a_spreadsheet_took_for_a_number_is_no_code(written: str) -> None:
    for pattern in (None, "^S[0-9]{4}$", "^[0-9.E+]+$"):
        assert conform_one(replace(COLUMN, pattern=pattern), written) == (None, "scientific")
    for text in ("3E12", "A3.2E+17", "E+", "1+1"):
        assert conform_one(COLUMN, text) == (text, None)


@pytest.mark.parametrize("written", ["{}", "张三{}", "{} ", "Ａ座{}", "'{}", '="{}"'])
@pytest.mark.parametrize("pattern", [None, "^.+$", "^S[0-9]{4}$"])
def test_a_text_holds_no_citizen_number(written: str, pattern: str | None) -> None:
    for number in (citizen(1), citizen(1).translate(WIDE)):
        assert conform_one(replace(COLUMN, pattern=pattern), written.format(number)) == (None, "personal_number")
