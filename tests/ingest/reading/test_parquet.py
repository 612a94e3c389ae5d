"""Parquet: typed columns are read as what they show; a file that is none is named."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import HEADER, Delivery, Desk, check_digit, citizen, csv_bytes, row
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.reading import file, parquet
from ingest.reading.parquet import _cells

NAME = "名册_2020年09月.parquet"


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk whose contract promises Parquet."""
    return replace(desk, contract=replace(desk.contract, format="parquet"))


def table(length: int, **changes: Any) -> pa.Table:
    """Good records as texts but for the changed columns."""
    columns = dict(zip(HEADER, map(list, zip(*map(row, range(length)), strict=True)), strict=True))
    return pa.table({**columns, **changes})


def take(office: Desk, content: pa.Table, **options: Any) -> Delivery:
    sink = pa.BufferOutputStream()
    pq.write_table(content, sink, **options)
    return office.take(office.write(bytes(sink.getvalue()), NAME))


def texts(column: pa.Array) -> list[str]:
    found: list[bytes] = _cells(column).to_pylist()
    return [c.decode() for c in found]


def test_typed_columns_are_read_as_what_they_show(office: Desk) -> None:
    decimals = pa.array([Decimal("12.50"), None, Decimal("0.0000001")], pa.decimal128(28, 10))
    found = take(
        office,
        table(
            3,
            日期=pa.array([date(2020, 9, 5), date(2020, 9, 6), None]),
            县区代码=pa.array([320102, 320104, 320105], pa.int32()),
            是否核验=pa.array([True, False, None]),
            次数=pa.array([3.0, None, float("nan")]),
            费用=decimals,
            类别=pa.array(["助餐", "助餐", "助餐"]).dictionary_encode(),
            机构=pa.array(["夕阳红", None, ""], pa.large_string()),
        ),
    )
    assert found.rejects == [(3, "event_date", "required"), (3, "fee_cny", "too_many_decimals")]
    first, second = found.rows
    assert (first["record"], first["event_date"], first["county_code"]) == (1, date(2020, 9, 5), "320102")
    assert (first["is_checked"], first["times"], first["fee_cny"]) == (True, 3, Decimal("12.50"))
    assert (second["is_checked"], second["times"], second["fee_cny"]) == (False, None, None)
    assert [r["provider"] for r in found.rows] == ["夕阳红", None]


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (pa.array([datetime(2020, 9, 5), datetime(2020, 9, 5, 23, 59), None], pa.timestamp("us")),
         ["2020-09-05", "2020-09-05 23:59:00", ""]),
        (pa.array([datetime(2020, 9, 5, 0, 0, 0, 1)], pa.timestamp("us")), ["2020-09-05 00:00:00.000001"]),
        (pa.array([datetime(2020, 9, 4, 16, tzinfo=UTC), datetime(2020, 9, 4, tzinfo=UTC)], pa.timestamp("ns", "UTC")),
         ["2020-09-05", "2020-09-04"]),
        (pa.array([datetime(2020, 9, 4, 20, 30, tzinfo=UTC)], pa.timestamp("ms", "UTC")), ["2020-09-05 04:30:00"]),
        (pa.array([datetime(1988, 6, 30, 15, tzinfo=UTC)], pa.timestamp("s", "UTC")), ["1988-07-01"]),  # summer time
        (pa.array([date(2020, 9, 5)], pa.date64()), ["2020-09-05"]),
        (pa.array([Decimal("0.0000001"), Decimal("-12")], pa.decimal128(20, 7)), ["0.0000001", "-12.0000000"]),
        (pa.array([Decimal("1.50"), None], pa.decimal64(12, 2)), ["1.50", ""]),
        (pa.array([320102194001010012, -1, None], pa.int64()), ["320102194001010012", "-1", ""]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([12.5, 0.1 + 0.2, 1e-7, 5.0, -0.25, 1e15, 123456789012345.0]),
         ["12.5", "0.3", "0.0000001", "5", "-0.25", "1.00000E+15", "123456789012345"]),
        (pa.array([12.3, 3.2e17], pa.float32()), ["12.3", "3.20000E+17"]),
        (pa.array([True, False, None]), ["是", "否", ""]),
        (pa.array([b"a\xff", None], pa.binary()), None),
        (pa.nulls(2), ["", ""]),
        (pa.DictionaryArray.from_arrays(pa.array([0, None, 1], pa.int8()), ["甲", None]), ["甲", "", ""]),
        (pa.array(["甲", None], pa.string_view()), ["甲", ""]),
    ],
)  # fmt: skip
def test_a_value_becomes_the_text_that_it_shows(array: pa.Array, shown: list[str] | None) -> None:
    if shown is None:
        assert _cells(array).to_pylist() == [b"a\xff", b""]
    else:
        assert texts(array) == shown


def test_a_moment_of_int96_is_in_utc(office: Desk) -> None:
    """As Spark, Hive and Flink write it: midnight of 11 September in Shanghai, and an evening."""
    moments = pa.array([datetime(2020, 9, 10, 16), datetime(2020, 9, 11, 12, 30), datetime(2020, 9, 12)])
    content = table(3, 日期=moments.cast(pa.timestamp("ns")))
    found = take(office, content, use_deprecated_int96_timestamps=True)
    assert found.rejects == [(2, "event_date", "time_of_day")]
    assert [r["event_date"] for r in found.rows] == [date(2020, 9, 11), date(2020, 9, 12)]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_midnight_without_a_zone_is_its_date_whether_it_is_in_utc_or_in_shanghai(office: Desk, unit: str) -> None:
    moments = [datetime(2020, 9, 11), datetime(2020, 9, 11, 23, 59), datetime(2020, 9, 11, 16), None]
    found = take(office, table(4, 日期=pa.array(moments, pa.timestamp(unit))))
    assert found.rejects == [
        (2, "event_date", "time_of_day"),
        (3, "event_date", "time_of_day"),
        (4, "event_date", "required"),
    ]
    assert [r["event_date"] for r in found.rows] == [date(2020, 9, 11)]


def test_where_all_moments_without_a_zone_are_at_16_they_are_midnights_of_the_next_day(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROWS", 4)
    monkeypatch.setitem(file.READERS, "parquet", parquet.read_parquet)  # in this process
    eves: list[Any] = [None, None, None, None, *(datetime(2020, 9, n, 16) for n in range(1, 7))]
    found = take(office, table(10, 日期=pa.array(eves, pa.timestamp("us"))))
    assert [r["event_date"] for r in found.rows] == [date(2020, 9, n) for n in range(2, 8)]
    found = take(office, table(10, 日期=pa.array([*eves[:9], datetime(2020, 9, 6)], pa.timestamp("us"))))
    assert [r["event_date"] for r in found.rows] == [date(2020, 9, 6)]
    assert found.rejects[4:] == [(n, "event_date", "time_of_day") for n in range(5, 10)]


def test_a_moment_in_a_column_of_texts_is_told_whole(office: Desk) -> None:
    moments = pa.array([datetime(2020, 9, 11, 16), datetime(2020, 9, 11)], pa.timestamp("us"))
    assert [r["provider"] for r in take(office, table(2, 机构=moments)).rows] == ["2020-09-11 16:00:00", "2020-09-11"]


@pytest.mark.parametrize("zone", ["GMT+8", "UTC+8", "GMT+08:00", "China Standard Time", "+08:00", "Asia/Shanghai", "?"])
def test_a_moment_is_read_whatever_its_zone_is_called(office: Desk, zone: str) -> None:
    moments = pa.array([datetime(2020, 9, 10, 16, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    found = take(office, table(1, 日期=moments.view(pa.timestamp("us", zone))))
    assert [r["event_date"] for r in found.rows] == [date(2020, 9, 11)]


def test_wide_decimals_and_columns_of_nothing_are_read(office: Desk) -> None:
    wide = pa.array([Decimal("12.50"), None, Decimal("0.0000001")], pa.decimal256(40, 7))
    found = take(office, table(3, 费用=wide, 机构=pa.nulls(3), 监护人身份证号=pa.nulls(3)))
    assert found.rejects == [(3, "fee_cny", "too_many_decimals")]
    assert [r["fee_cny"] for r in found.rows] == [Decimal("12.50"), None]
    assert texts(wide) == ["12.5000000", "", "0.0000001"]


def test_of_two_columns_with_one_name_none_is_chosen(office: Desk) -> None:
    twice = table(2).append_column("费用", pa.array(["1", "2"]))
    assert "表头重复：费用" in take(office, twice).receipt["message_zh"]
    padded = table(2).append_column(" 费用 ", pa.array(["1", "2"]))
    assert "表头重复：费用" in take(office, padded).receipt["message_zh"]
    names = [f" {name}\u3000" for name in HEADER]
    assert len(take(office, table(2).rename_columns(names)).rows) == 2
    ignored = table(2).append_column("姓名", pa.array(["甲", "乙"]))
    assert len(take(office, ignored).rows) == 2


def test_a_name_of_a_column_that_is_no_text_is_told(office: Desk) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table(2), sink, store_schema=False)
    content = bytes(sink.getvalue()).replace("费用".encode(), b"\xff" * 6)
    assert "列名不是 UTF-8" in office.take(office.write(content, NAME)).receipt["message_zh"]


def test_millions_of_rows_in_no_bytes_are_refused_before_they_are_read(office: Desk) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int8()), ["甲"])
    receipt = take(office, pa.table(dict.fromkeys(HEADER, column))).receipt
    assert receipt["reason"] == "too_large"
    assert "3,000,000 行，大得异常" in receipt["message_zh"]


@given(st.lists(st.floats(-999_999_999, 999_999_999).map(lambda v: round(v, 2)), max_size=9))
@example([0.1, 0.29, 1.01, 33333333.33, -0.0])
def test_money_as_floats_is_read_to_the_cent(values: list[float]) -> None:
    found = [Decimal(t) for t in texts(pa.array(values, pa.float64()))]
    assert found == [Decimal(f"{v:.2f}") for v in values]


def test_a_citizen_number_that_became_a_float_is_refused_even_when_its_false_digits_would_pass(office: Desk) -> None:
    kept = [f"{n:.0f}" for n in (float(320102194001010000 + 64 * i) for i in range(400))]
    plausible = [float(n) for n in kept if n[17] == check_digit(n[:17])]
    found = take(office, table(len(plausible), 身份证号=plausible))
    assert found.rejects == [(r, "person_key", "id_scientific") for r in range(1, len(plausible) + 1)]


def test_a_citizen_number_as_an_integer_is_whole(office: Desk) -> None:
    numbers = [int(n) for n in map(citizen, range(30)) if n.isdigit()]
    found = take(office, table(len(numbers), 身份证号=pa.array(numbers, pa.int64())))
    assert (found.rejects, len(found.rows)) == ([], len(numbers))


@pytest.mark.parametrize("rows", [7, 100, 1 << 16])
def test_row_numbers_run_on_through_batches_and_row_groups(
    office: Desk, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(parquet, "ROWS", rows)
    monkeypatch.setitem(file.READERS, "parquet", parquet.read_parquet)  # in this process
    days = ["2020-09-05"] * 150
    days[0] = days[77] = days[149] = "近期"
    found = take(office, table(150, 日期=days, 机构=[f"机构{n}" for n in range(150)]), row_group_size=40)
    assert found.rejects == [(n, "event_date", "date_format") for n in (1, 78, 150)]
    assert [(r["record"], r["provider"]) for r in found.rows] == [
        (n, f"机构{n - 1}") for n in range(1, 151) if n not in (1, 78, 150)
    ]


def test_columns_that_nobody_keeps_may_hold_anything(office: Desk) -> None:
    found = take(office, table(2, 住址=[["中山路"], []]))
    assert (found.outcome, len(found.rows)) == ("landed", 2)


@pytest.mark.parametrize("column", [[["甲"], []], pa.array([1, 2], pa.time32("s")), [{"a": 1}, None]])
def test_a_column_that_holds_more_than_a_cell_is_refused(office: Desk, column: Any) -> None:
    receipt = take(office, table(2, 机构=column)).receipt
    assert receipt["reason"] == "header_mismatch"
    assert "列“机构”的类型是 " in receipt["message_zh"] and "不是一格一值" in receipt["message_zh"]


def test_a_header_is_matched_as_in_any_format(office: Desk) -> None:
    receipt = take(office, table(2).rename_columns([h.replace("费用", "金额") for h in HEADER])).receipt
    assert receipt["reason"] == "header_mismatch"
    assert "缺少表头：费用；多出表头：金额" in receipt["message_zh"]


def test_a_table_without_rows_has_too_few(office: Desk) -> None:
    assert take(office, table(1).slice(1)).receipt["reason"] == "too_few_rows"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的（0 字节）"),
        (csv_bytes([HEADER, row(1)]), "文件其实是文本（如 CSV），契约约定 Parquet 文件"),
        (b"\x89PNG" + b"x" * 50, "文件其实是图片，契约约定 Parquet"),
        (b"PAR1", "不是可以打开的 Parquet 文件"),
        (b"PAR1" + b"x" * 100 + b"PAR1", "不是可以打开的 Parquet 文件"),
    ],
)
def test_a_file_that_is_something_else_is_named(office: Desk, content: bytes, said: str) -> None:
    receipt = office.take(office.write(content, NAME)).receipt
    assert receipt["reason"] == "unreadable"
    assert said in receipt["message_zh"]


def test_a_parquet_file_under_the_name_of_another_format_is_named(desk: Desk) -> None:
    receipt = desk.take(desk.write(b"PAR1" + b"x" * 100)).receipt
    assert "文件其实是 Parquet 文件，契约约定 gb18030 编码的 CSV" in receipt["message_zh"]


def test_a_damaged_file_is_refused_or_read(office: Desk) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table(50), sink)
    whole = bytes(sink.getvalue())
    draw, outcomes = random.Random(14), []
    for n in range(60):
        at = draw.randrange(4, len(whole) - 20)
        damaged = whole[:at] if n % 2 else whole[:at] + bytes([draw.randrange(256)]) * 9 + whole[at + 9 :]
        found = office.take(office.write(damaged, NAME))
        outcomes.append(found.outcome)
        assert n % 2 == 0 or "不是可以打开的 Parquet 文件" in found.receipt["message_zh"]
    assert {"refused"} < set(outcomes) <= {"refused", "landed"}
