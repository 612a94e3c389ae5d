"""The current publication under SQL that nobody has reviewed."""

import csv
import io
import json
import re
import time

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from ingest import settings
from warehouse.serving import reader


@pytest.fixture
def published(refreshed, monkeypatch):
    monkeypatch.setenv("SUHENG_DATA", str(refreshed.data))
    return refreshed


@pytest.mark.parametrize(
    "sql",
    [
        "delete from indicator_values",
        "create table mine as select 1",
        "select * from read_csv('/etc/passwd')",
        "copy indicators to '/tmp/suheng-indicators.csv'",
        "attach '/tmp/suheng-other.duckdb'",
        "install httpfs",
        "set enable_external_access = true",
        "set memory_limit = '20GB'",
    ],
)
def test_reading_is_locked_down(published, sql):
    with reader.reading() as con, pytest.raises(duckdb.Error):
        con.execute(sql)


def test_a_query_that_takes_too_long_is_interrupted(published):
    started = time.monotonic()
    with reader.reading(seconds=0.5) as con, pytest.raises(duckdb.InterruptException):
        con.sql("select sum(a.range * b.range) from range(10000000) a, range(10000000) b").fetchall()
    assert time.monotonic() - started < 10


def test_nothing_published_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    with pytest.raises(reader.NothingPublished, match="suheng refresh"), reader.reading():
        pass


def test_the_command_prints_tables_csv_and_json(refreshed):
    sql = "select indicator, sequence from indicators where sequence <= 2 order by sequence"
    assert "child_immunization_rate" in refreshed("query", sql)
    rows = list(csv.reader(io.StringIO(refreshed("query", sql, "--format", "csv"))))
    assert rows == [["indicator", "sequence"], ["child_immunization_rate", "1"], ["childcare_places_per_1000", "2"]]
    said = json.loads(refreshed("query", sql, "--format", "json"))
    assert said[1] == {"indicator": "childcare_places_per_1000", "sequence": 2}


def test_a_csv_for_excel_begins_with_a_mark_and_a_workbook_says_where_its_rows_come_from(refreshed, tmp_path):
    csv_file, book = tmp_path / "a.csv", tmp_path / "a.xlsx"
    sql = "select region_code, region_zh, value, '=1+1' as text from board where region_code = '320100'"
    refreshed("query", sql, "--format", "csv", "--bom", "--out", str(csv_file))
    assert csv_file.read_bytes().startswith(b"\xef\xbb\xbfregion_code,region_zh,value,text\n320100,")
    refreshed("query", sql, "--format", "xlsx", "--out", str(book))
    workbook = CalamineWorkbook.from_path(book)
    head, first, *_ = workbook.get_sheet_by_name("数据").to_python()
    assert head == ["region_code", "region_zh", "value", "text"]
    assert (first[:2], first[3]) == (["320100", "南京市"], "=1+1")
    about = dict(workbook.get_sheet_by_name("说明").to_python())
    assert about["SQL"] == sql
    assert "模拟数据" in about["说明"]
    assert about["region_zh"].startswith("地区名称")
    assert "--out" in refreshed("query", sql, "--format", "xlsx", ok=False)


def test_a_table_shows_every_column_however_many_there_are(refreshed):
    sql = "from marts.indicators where sequence = 18"
    said = refreshed("query", sql, COLUMNS="80")
    with duckdb.connect(str(refreshed.data / "published" / "current" / "suheng.duckdb"), read_only=True) as con:
        names = con.sql(sql).columns
    assert [name for name in names if name not in said] == []
    assert all(len(line) <= 80 for line in said.splitlines())
    assert "…" not in said


def test_tables_columns_and_codes_are_described(refreshed):
    assert "用中文" in refreshed("describe")
    said = refreshed("describe", "target_progress")
    assert "序时要求值" in said
    assert "不可比" in refreshed("describe", "marts.target_progress") or "status" in said
    assert "indicator_values" in refreshed("describe", "indicator_value", ok=False)


def test_a_rule_of_the_last_audit_tells_every_row_with_its_days(refreshed):
    ((rows,),) = refreshed.query("select rows_found from marts.quality_results where rule = 'service_levels/late'")
    late = refreshed.query("select period, days_late from marts.service_levels where state = 'late'")
    said = refreshed("audit", "--rule", "service_levels/late")
    assert f"service_levels/late：{rows} 行" in said
    assert all(re.search(rf"{period} .*{days}", said) for period, days in late)


def test_status_lists_in_full_and_tells_the_time_in_china(refreshed):
    short, full = refreshed("status", TZ="America/New_York"), refreshed("status", "--all", TZ="UTC")
    assert "civil_affairs/elder_profiles" in full
    assert "civil_affairs/elder_profiles" not in short
    ((moment,),) = refreshed.query(
        "select strftime(published_at + interval 8 hour, '%Y-%m-%d %H:%M') from marts.release"
    )
    assert f"（{moment}，北京时间）" in short
    assert f"（{moment}，北京时间）" in full


def test_a_wrong_query_gives_one_message_and_no_traceback(refreshed):
    said = refreshed("query", "select nothing from nowhere", ok=False)
    assert "nowhere" in said
    assert "Traceback" not in said


def test_status_names_what_is_refused_and_what_is_late(refreshed):
    said = refreshed("status")
    assert "模拟数据" in said
    assert "已退回" not in said  # each refused file of the sandbox was sent again
    # the month after the newest file
    assert "逾期 省民政厅《上门养老服务记录》：2026-01（应于2026-02-20交）" in said


def test_the_samples_of_the_readme_give_a_row_for_each_of_seven_years(published):
    text = (settings.ROOT / "README.md").read_text("utf-8").split("## Query")[1]
    samples = re.findall(r'con\.sql\("(.*)"\)\.show|suheng query "(.*)"', text)
    with reader.reading() as con:
        rows = [con.sql(python or command).fetchall() for python, command in samples]
    assert [len(found) for found in rows] == [7, 7]


NAMED = r"indicator|plan|domain|detail|choice|rule|run|.*_(version|hash|sha256|code|id|file|by|zh|en|text)"


def test_every_code_that_is_published_is_in_the_vocabulary(published):
    """A column of codes: few short lower-case words, and what is no name of a thing."""
    found = {}
    with reader.reading() as con:
        said = set(con.sql("select column_name, code from vocabulary").fetchall())
        columns = con.sql(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' "
            "and data_type = 'VARCHAR' and table_name not in ('vocabulary', 'release')"
        ).fetchall()
        for table, column in columns:
            if not re.fullmatch(NAMED, column):
                codes = con.sql(f"select distinct unnest(string_split(\"{column}\", ';')) from {table}").fetchall()
                if codes and all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", code) for (code,) in codes if code):
                    found |= {(column, code): table for (code,) in codes if code}
    assert {"status", "flags", "reason", "outcome", "state", "stratum"} <= {column for column, _ in found}
    assert {place: table for place, table in found.items() if place not in said} == {}


def test_each_indicator_region_and_period_has_one_headline_and_a_row_of_the_board(published):
    keys = "group by indicator, region_code, period having count(*) filter (where is_headline) <> 1"
    with reader.reading() as con:
        for table in ("indicator_values", "target_progress"):
            assert con.sql(f"select indicator from {table} {keys}").fetchall() == []
        values = con.sql("select count(*) from indicator_values where is_headline").fetchall()
        assert con.sql("select count(*) from board").fetchall() == values
        assert (
            con.sql("select indicator from board where status_zh is null or lead_department_zh is null").fetchall()
            == []
        )
