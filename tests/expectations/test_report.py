"""The page shows rows, the trend and what was sent back; numbers that the publication guards are nowhere in it."""

import re
import shutil
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from marks import ATTACK, WORD, Marks, is_only_text
from poisons import CHILDREN, URBAN, cell, delivery, indicator, survey

from expectations import gate
from expectations.deliveries import draw
from expectations.docs import write_docs
from expectations.finding import Finding
from expectations.names import COMPUTED, Names
from expectations.report import write_report
from expectations.rules import Rule, read_rules
from expectations.sample import ROWS, show
from ingest.pages.render import environment
from warehouse.building import mart

ROW = {
    "indicator": "a",
    "region_code": "320101",
    "period": 2021,
    "stratum": "all",
    "numerator": Decimal(2),
    "flags": "f",
}


@pytest.fixture
def page(spoil, tmp_path, monkeypatch):
    """The page on the good build after some statements."""
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))

    def page(sql: str) -> str:
        gate.audit(spoil(sql), None, tmp_path / "audit")
        return (tmp_path / "audit" / "quality.html").read_text("utf-8")

    return page


def shown(template: str, macro: str, told: object) -> str:
    """What a macro of a template makes of it."""
    return str(getattr(environment().get_template(f"expectations/{template}.html.j2").module, macro)(told))


def section(page: str, title: str) -> str:
    (found,) = re.findall(rf"<h2>{title}</h2>\n(.*?)(?=<h2>|</html>)", page, re.S)
    return found


@pytest.mark.parametrize(
    ("table", "row", "hidden"),
    [
        ("indicator_values", ROW, False),
        ("indicator_values", ROW | {"stratum": "urban"}, True),
        ("indicator_values", ROW | {"indicator": "sensitive"}, True),
        ("indicator_values", {k: v for k, v in ROW.items() if k != "stratum"}, True),
        ("indicator_values", {k: v for k, v in ROW.items() if k != "indicator"}, True),
        ("target_progress", {k: v for k, v in ROW.items() if k != "stratum"}, False),
        ("deliveries", {"department": "d", "numerator": 2}, False),
        ("service_levels", {"department": "d", "numerator": 2}, False),
        ("indicator_values", {"indicator": "of_beds", "numerator": 2}, False),
        ("a_new_table", ROW | {"stratum": None}, True),
    ],
    ids=[
        "open",
        "a_stratum",
        "sensitive",
        "of_what_stratum",
        "of_what",
        "progress",
        "files",
        "days",
        "beds",
        "not_known",
    ],
)
def test_numbers_are_shown_only_of_what_is_known_to_be_open(table, row, hidden):
    (shown,) = show(table, [row], {"a": False, "of_beds": True})
    assert shown == row | ({"numerator": "＊"} if hidden else {})


def test_neither_truth_nor_a_tenth_of_a_number_slips_through_and_five_rows_are_enough():
    row = {"indicator": "x", "stratum": "all", "value": 0.1, "is_met": True, "numerator": None, "status": "met"}
    hidden = {"value": "＊", "is_met": "＊", "numerator": None, "status": "met"}
    assert show("target_progress", [row] * 6, {}, ROWS) == [row | hidden] * 5


def test_a_small_count_of_a_stratum_or_a_sensitive_indicator_is_nowhere_in_finding_or_page(spoil, tmp_path):
    """7 urban children, 311 of a sensitive indicator: both broken, so that their rows are samples."""
    snapshot = spoil(
        cell("numerator = 7.5, denominator = 7, value = 107.142857", URBAN)
        + indicator("is_sensitive = true", 6)
        + cell(
            "numerator = 311.25, denominator = 300",
            "indicator = 'compulsory_balanced_county_rate' and period = '2019' and region_code = '320100'",
        )
    )
    found = [f for f in gate.audit(snapshot, None, tmp_path / "audit") if f.outcome != "passed"]
    said = (tmp_path / "audit" / "quality.html").read_text("utf-8") + str(found)
    assert {"indicator_values/domain", "indicator_values/ratio_of_sums"} <= {f.rule for f in found}
    assert "numerator=＊; denominator=＊; value=＊" in said
    assert not re.search(r"107\.1|\b7\.5|311", said)


def test_rows_are_told_with_the_names_of_their_codes(page):
    comments = (
        "comment on column marts.indicator_values.indicator is '指标标识 · Indicator';"
        "comment on column marts.indicator_values.region_code is '地区代码（六位） · Region code';"
    )
    found = section(page(comments + survey("value_rounded = 98.5", "320100")), "不通过的规则")
    assert '<span class="tag">阻断发布</span> 公布值是原值按公布小数位四舍五入（远离零）' in found
    assert "<th>指标标识<br><code>indicator</code></th><th>地区代码<br><code>region_code</code></th>" in found
    assert "<td>公众安全感<br><code>public_safety_perception</code></td><td>市1<br><code>320100</code></td>" in found
    assert "<td>98.6</td><td>98.5</td>" in found


def test_only_the_first_rows_are_listed_and_the_page_says_so(page):
    found = section(page(cell("flags = 'guessed'", f"{CHILDREN} and stratum = 'all'")), "不通过的规则")
    assert found.count("<td>guessed</td>") == 5
    assert "只列前 5 行" in found


def test_the_trend_is_of_all_rows_read_by_the_year_that_they_are_of(page):
    """public_safety: 10 of 2000 rows in 2019, 100 of 4000 (two deliveries) in 2020, none in 2021."""
    text = section(
        page(
            delivery("rows_rejected = 90, rows_accepted = 1910", "dataset = 'survey' and period = '2020'")
            + "insert into marts.deliveries select * replace ('again' as delivery_id, 'superseded' as outcome, "
            "10 as rows_rejected, 1990 as rows_accepted) from marts.deliveries "
            "where dataset = 'survey' and period = '2020';"
            + delivery("rows_rejected = 0, rows_accepted = 2000", "dataset = 'survey' and period = '2021'")
        ),
        "各部门隔离率的变化",
    )
    (row,) = re.findall(r"<tr><td>public_safety</td>.*?</tr>", text, re.S)
    assert re.findall(r">([\d.]+%|—)<", row) == ["0.50%", "2.50%", "0.00%"]
    assert 'title="100 / 4,000 行"' in row


def test_a_sparkline_rises_to_the_greatest_share_and_passes_over_a_year_without_any():
    """120 by 28, with a margin of 4: four years 0, 2, none and 1."""
    assert shown("deliveries", "sparkline", draw([0.0, 2.0, None, 1.0])) == (
        '<svg viewBox="0 0 120 28"><polyline points="4.0,24.0 41.3,4.0 116.0,14.0"/>'
        '<circle cx="116.0" cy="14.0" r="2.5"/></svg>'
    )
    assert 'points="4.0,24.0"' in shown("deliveries", "sparkline", draw([0.0]))


def test_what_was_sent_back_is_told_with_its_reason_and_the_way_to_its_receipt(page, tmp_path):
    room = tmp_path / "data" / "outbox" / "health"
    room.mkdir(parents=True)
    receipt = room / "死亡 登记_2021_退回_r1.html"
    receipt.write_text("模拟数据", "utf-8")
    text = section(
        page(delivery("delivery_id = 'r1', message_zh = '缺列<甲>'", "outcome = 'refused'")), "退回的文件与撤回的交付"
    )
    assert "缺列&lt;甲&gt;<br><code>模拟数据_deaths_2021_2</code>" in text
    (way,) = re.findall(r'href="([^"]+)"', text)
    assert way == "../../outbox/health/%E6%AD%BB%E4%BA%A1%20%E7%99%BB%E8%AE%B0_2021_%E9%80%80%E5%9B%9E_r1.html"
    receipt.unlink()
    assert "href" not in section(page(""), "退回的文件与撤回的交付")


def test_what_has_no_name_is_shown_as_it_is():
    names = Names({"value": "指标值"}, {"department": {"health": "省卫生健康委"}})
    assert shown("label", "label", names.head("value")) == "指标值<br><code>value</code>"
    assert shown("label", "label", names.head("<x>")) == "<code>&lt;x&gt;</code>"
    assert shown("label", "label", names.cell("department", "health")) == "省卫生健康委<br><code>health</code>"
    cells = {
        None: "",
        "<b>": "&lt;b&gt;",
        Decimal("98.5000"): "98.5",
        1 / 3: "0.333333",
        8474900.0: "8474900",
        datetime(2026, 1, 2, 3): "2026-01-02 11:00",
    }
    assert {value: shown("label", "label", names.cell("x", value)) for value in cells} == cells


def test_every_column_that_a_rule_shows_has_a_name_in_chinese(good):
    known = {column["name"] for model in mart.declared() for column in model["columns"]} | COMPUTED.keys()
    with duckdb.connect() as con:
        con.execute(f"attach '{good}' as good (read_only); attach ':memory:' as previous; create schema previous.marts")
        for table in ("deliveries", "indicators", "indicator_values"):
            con.execute(f"create table previous.marts.{table} as from good.marts.{table} limit 0")
        con.execute("use good")
        for rule in read_rules():
            columns = con.execute(f"describe {rule.query.format(batch=f'marts.{rule.table}')}").fetchall()
            assert {name for name, *_ in columns} <= known, rule.name


@pytest.fixture
def attacked(good, tmp_path, monkeypatch):
    """The page on the good build of which every text that is no code, and every finding, is this word."""
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))

    def write(word: str) -> Marks:
        snapshot = tmp_path / "spoilt.duckdb"
        shutil.copy(good, snapshot)
        quoted = word.replace("'", "''")
        with duckdb.connect(str(snapshot)) as con:
            con.execute(delivery("delivery_id = 'r1', outcome = 'refused'", "dataset = 'deaths'"))
            for column in ("department", "dataset", "message_zh", "source_file"):
                con.execute(f"update marts.deliveries set {column} = '{quoted}'")
            con.execute(f"update marts.indicators set name_zh = '{quoted}'")
            con.execute(f"comment on table marts.deliveries is '{quoted}'")
            con.execute(f"comment on column marts.deliveries.period is '{quoted}'")
        sample = [{word: word, "period": word, "indicator": it} for it in (word, "public_safety_perception")]
        query = word.replace("{", "{{").replace("}", "}}")
        findings = [
            Finding(f"deliveries/{word}", word, "critical", "failed", 9, 1, word, word, sample),
            Finding(f"deliveries/{word}2", word, "warning", "failed", 2, 0, word),
            Finding(f"{word}/{word}", word, "critical", "crashed", None, None, word),
            Finding("regions/key", word, "warning", "passed", 0),
        ]
        rules = [Rule(name, word, "critical", f"{query} {{batch}}") for name in (f"{word}/{word}", "regions/key")]
        write_report(tmp_path / "page.html", snapshot, findings, rules, 2, True, datetime(2026, 1, 2))
        return Marks(tmp_path / "page.html")

    return write


def test_nothing_that_the_page_is_given_is_markup(attacked):
    plain, spoilt = attacked(WORD), attacked(ATTACK)
    assert is_only_text(spoilt, plain)
    assert spoilt.needs_nothing()


def test_what_a_rule_that_crashed_has_read_is_no_markup(spoil, tmp_path):
    """DuckDB's message holds the value that it could not read."""
    rule = Rule("deliveries/crash", "崩溃", "critical", "from {batch} where cast(source_file as integer) > 0")
    snapshot = spoil(delivery("source_file = '<b onclick=a()><img src=x><script>'", "true"))
    findings, results = gate.examine(snapshot, None, tmp_path / "previous.duckdb", [rule], tmp_path, date(2026, 1, 1))
    write_docs(tmp_path / "docs", results, True)
    write_report(tmp_path / "quality.html", snapshot, findings, [rule], 1, True, datetime(2026, 1, 2))
    for path in (tmp_path / "docs" / "deliveries.html", tmp_path / "quality.html"):
        found = Marks(path)
        assert "<b onclick=a()>" in found.text
        assert found.needs_nothing()


def test_the_page_is_small(page):
    assert len(page("")) < 100_000
