"""What the gate does with its findings, and with files that are not its own."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from markupsafe import escape
from poisons import CHILDREN, SURVEY, cell, delivery, level, survey

from expectations import gate, rules
from expectations.gate import Finding

NOON_IN_CHINA = datetime.fromisoformat("2026-03-01T12:00:00+08:00")


@pytest.fixture
def audit(tmp_path):
    return lambda snapshot, previous=None: gate.audit(snapshot, previous, tmp_path / "audit")


def outcomes(findings):
    return {f.rule: f.outcome for f in findings if f.outcome != "passed"}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_finding_names_the_first_offending_row_and_counts_them_all(spoil, audit):
    found = audit(spoil(survey("value_rounded = 98.5", "320200") + survey("value_rounded = 98.5", "320100")))
    (finding,) = (f for f in found if f.outcome != "passed")
    assert finding == Finding(
        "indicator_values/rounding",
        "公布值是原值按公布小数位四舍五入（远离零）",
        "critical",
        "failed",
        2,
        0,
        "indicator=public_safety_perception; region_code=320100; period=2019; population_basis=none; stratum=all; "
        "value=98.6; value_rounded=98.5000; published_decimals=1",
        sample=finding.sample,
    )
    assert [row["region_code"] for row in finding.sample] == ["320100", "320200"]


def test_critical_rules_block_and_warnings_do_not(spoil, audit):
    critical = audit(spoil(survey("value_rounded = 98.5", "320000")))
    warning = audit(spoil(level("state = 'late', days_late = 5", "2020")))
    assert [f.rule for f in gate.blockers(critical)] == ["indicator_values/rounding"]
    assert outcomes(warning) == {"service_levels/late": "failed"}
    assert gate.blockers(warning) == []


def test_a_rule_that_cannot_be_evaluated_blocks_even_as_a_warning_and_stops_no_other(spoil, audit):
    found = audit(spoil("alter table marts.service_levels drop column due_date;" + survey("value = null", "320000")))
    assert outcomes(found) == {"service_levels/missing": "crashed", "indicator_values/status": "failed"}
    (_, crashed) = sorted(gate.blockers(found), key=lambda f: f.rule)
    assert (crashed.severity, crashed.rows_found) == ("warning", None)
    assert "due_date" in crashed.example


def test_of_one_rule_every_row_is_told_against_the_publication_before(spoil, good):
    """123 regions; what is guarded stays so."""
    everywhere = spoil(cell("flags = 'guessed', value = 7.5", f"{CHILDREN} and stratum <> 'rural'"))
    rows = gate.find("indicator_values/vocabulary", everywhere, None)
    assert len(rows) == 2 * 123
    assert gate.find("indicator_values/history", everywhere, None) == []
    restated = gate.find("indicator_values/history", everywhere, good)
    assert {row["value"] for row in restated if row["stratum"] == "urban"} == {"＊"}
    assert {row["value"] for row in restated if row["stratum"] == "all"} == {7.5}
    with pytest.raises(ValueError, match="indicator_values/history"):
        gate.find("indicator_values/histories", everywhere, good)


def test_a_table_that_is_lacking_is_an_error(spoil, audit):
    with pytest.raises(Exception, match="target_progress"):
        audit(spoil("drop table marts.target_progress"))


def test_a_build_with_a_column_that_the_last_publication_lacks_can_be_judged(spoil, audit):
    previous = spoil(
        "alter table marts.deliveries drop column days_late; drop table marts.quality_results;"
        "alter table marts.indicator_values add column gone integer",
        "published.duckdb",
    )
    assert outcomes(audit(spoil(), previous)) == {}
    assert outcomes(audit(spoil(survey("numerator = 1, denominator = 2", "320000")), previous)) == {
        "indicator_values/history": "failed"
    }


def test_an_audit_changes_no_file_leaves_only_pages_and_drafts_and_asks_no_other_machine(
    spoil, good, tmp_path, monkeypatch
):
    """GX would keep a context, pages in the temporary folder and settings at home."""
    asked: list[object] = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *address, **_: asked.append(address))
    monkeypatch.setattr("socket.socket.connect", lambda _, address: asked.append(address), raising=False)
    for name in ("home", "here", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "here")
    snapshot = spoil(survey("value = null", "320000"))
    before = sha256(snapshot), sha256(good)
    gate.audit(snapshot, good, tmp_path / "out" / "audit")
    assert (sha256(snapshot), sha256(good)) == before
    written = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()}
    pages = {Path(f"out/audit/data_docs/{table}.html") for table in {rule.table for rule in rules.read_rules()}}
    drafts = {Path(f"out/audit/waivers/indicator_values__{rule}.yaml") for rule in ("status", "history")}
    assert written == {Path("suheng.duckdb"), Path("out/audit/quality.html"), *pages, *drafts}
    assert not good.with_name("suheng.duckdb.wal").exists()
    assert asked == []


def test_folders_may_have_any_name(good, tmp_path):
    folder = tmp_path / "苏衡 it's 100% {a} b:c"
    folder.mkdir()
    shutil.copy(good, folder / "suheng.duckdb")
    assert outcomes(gate.audit(folder / "suheng.duckdb", folder / "suheng.duckdb", folder / "audit")) == {}


def test_the_findings_of_the_last_audit_are_recorded_in_the_build(spoil, audit):
    snapshot = spoil(survey("value = null", "320000"))
    gate.record(snapshot, [Finding("a/b", "旧", "warning", "passed", 0)], NOON_IN_CHINA)
    found = audit(snapshot)
    gate.record(snapshot, found, NOON_IN_CHINA)
    with duckdb.connect(str(snapshot), read_only=True) as con:
        rows = con.sql("select * from marts.quality_results order by rule").fetchall()
    moment = datetime(2026, 3, 1, 4)
    assert rows == sorted(
        (f.rule, f.title_zh, f.severity, f.outcome, f.example, f.waivers, f.rows_found, f.rows_waived, moment)
        for f in found
    )
    assert len(rows) == len(rules.read_rules()) + 1
    assert [r[0] for r in rows if r[3] == "failed"] == ["indicator_values/status"]
    assert not snapshot.with_name("suheng.duckdb.wal").exists()


def test_a_recorded_time_is_in_utc(spoil):
    snapshot = spoil()
    gate.record(snapshot, [Finding("a/b", "规则", "warning", "passed", 0)], datetime(2026, 3, 1, 4, tzinfo=UTC))
    with duckdb.connect(str(snapshot), read_only=True) as con:
        assert con.sql("select checked_at from marts.quality_results").fetchall() == [(datetime(2026, 3, 1, 4),)]


@pytest.mark.parametrize(
    "text",
    [
        "-- severity: critical\nselect * from {batch}",
        "-- title: 规则\n-- severity: fatal\nselect * from {batch}",
        "-- title: 规则\n-- severity: critical\nselect * from marts.regions",
    ],
    ids=["no_title", "unknown_severity", "reads_another_table"],
)
def test_a_file_that_is_no_rule_is_an_error(tmp_path, text):
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "rule.sql").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"rule\.sql"):
        rules.read_rules(tmp_path)


def test_the_page_says_everything_and_fetches_nothing(spoil, tmp_path):
    gate.audit(
        spoil(
            "comment on table marts.deliveries is '每行一次交付';"
            + survey("value = null", "320000")
            + delivery("received_at = received_at + interval 9 day, source_file = '<b>&'", "outcome = 'refused'")
        ),
        None,
        tmp_path / "audit",
    )
    page = (tmp_path / "audit" / "quality.html").read_text("utf-8")
    assert "模拟数据" in page
    assert "不予发布" in page
    assert "每行一次交付" in page
    assert "不通过 2 条，其中阻断发布 1 条" in page
    assert "<td>&lt;b&gt;&amp;</td>" in page
    for rule in rules.read_rules():
        assert rule.title_zh in page
        assert escape(rule.query.format(batch=f"marts.{rule.table}").strip()) in page
    pages = [path.read_text("utf-8") for path in (tmp_path / "audit" / "data_docs").glob("*.html")]
    assert len(pages) == 7
    for text in (page, *pages):
        assert "模拟数据" in text
        assert not any(word in text for word in ("http", "<script", "<link", "url(", "src=", "$", "onclick"))


def test_the_page_of_real_deliveries_says_nothing_of_a_simulation(spoil, tmp_path):
    gate.audit(spoil("update marts.deliveries set source_file = '幼儿园基层统计.csv'"), None, tmp_path / "audit")
    page = (tmp_path / "audit" / "quality.html").read_text("utf-8")
    assert "模拟数据" not in page
    assert "可以发布" in page


def test_the_survey_is_what_the_poisons_take_it_for(good):
    with duckdb.connect(str(good), read_only=True) as con:
        query = f"select count(*), count(numerator), count(value) from marts.indicator_values where {SURVEY}'320000'"
        assert con.sql(query).fetchall() == [(1, 0, 1)]
