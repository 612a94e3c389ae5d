"""A waived row does not count until its day is past; nothing else is ever waived, and all of it is published."""

import re
from datetime import date

import pytest
from poisons import survey

from expectations import gate
from expectations.rules import read_rules
from expectations.waivers import WAIVERS, read_waivers

DAY = date(2026, 3, 31)
WAIVER = """
rule: {rule}
rows:
{rows}
by: 省发展改革委 某处长
reason: 省公安厅来函更正
until: 2026-03-31
"""
ROUNDING = "indicator_values/rounding"
SAID = f"{ROUNDING}（region_code=320100）至 2026-03-31，省发展改革委 某处长：省公安厅来函更正"


def write(folder, *rows: str, rule: str = ROUNDING):
    folder.mkdir(exist_ok=True)
    (folder / "letter.yaml").write_text(WAIVER.format(rule=rule, rows="\n".join(f"  - {r}" for r in rows)), "utf-8")


@pytest.fixture
def audit(spoil, tmp_path):
    """Audit a build in which two cities are rounded wrongly, under a waiver of rows; returns what does not pass."""

    def audit(*rows: str, today: date = DAY):
        write(tmp_path / "waivers", *rows)
        snapshot = spoil(survey("value_rounded = 98.5", "320100") + survey("value_rounded = 98.5", "320200"))
        found = gate.audit(snapshot, None, tmp_path / "audit", waivers=tmp_path / "waivers", today=today)
        return {f.rule: f for f in found if f.outcome != "passed" or f.waivers}

    return audit


def test_a_waived_row_does_not_count_up_to_and_on_its_day(audit):
    found = audit("{indicator: public_safety_perception, region_code: '320100', period: 2019}")
    assert found.keys() == {ROUNDING}
    assert (found[ROUNDING].outcome, found[ROUNDING].rows_found, found[ROUNDING].rows_waived) == ("failed", 1, 1)
    assert "region_code=320200" in found[ROUNDING].example


def test_a_rule_passes_when_each_of_its_rows_is_waived_and_says_so(audit, tmp_path):
    found = audit("{region_code: '320100'}", "{region_code: '320200'}")
    passed = found[ROUNDING]
    assert (passed.outcome, passed.rows_found, passed.rows_waived) == ("passed", 0, 2)
    assert passed.waivers == f"{SAID}\n{SAID.replace('320100', '320200')}"
    page = (tmp_path / "audit" / "quality.html").read_text("utf-8")
    assert f"<li>{SAID}</li>" in page
    assert "<b>2</b>行豁免" in page


def test_a_waived_row_counts_again_the_day_after_and_the_waiver_is_reported(audit):
    found = audit("{region_code: '320100'}", today=date(2026, 4, 1))
    assert found.keys() == {ROUNDING, "waivers/expired"}
    assert (found[ROUNDING].rows_found, found[ROUNDING].rows_waived, found[ROUNDING].waivers) == (2, 0, None)
    expired = found["waivers/expired"]
    assert (expired.severity, expired.outcome, expired.rows_found) == ("warning", "failed", 1)
    assert expired.example == expired.waivers == SAID
    assert [f.rule for f in gate.blockers(list(found.values()))] == [ROUNDING]


def test_a_waiver_that_names_several_rows_waives_none_of_them(audit):
    found = audit("{indicator: public_safety_perception}")[ROUNDING]
    assert (found.rows_found, found.rows_waived) == (2, 0)
    assert found.waivers.endswith("；指到 2 行，不起作用：须恰好指明一行")


def test_a_row_that_is_waived_twice_is_waived_once(audit):
    found = audit("{region_code: '320100'}", "{region_code: '320100', stratum: all}")[ROUNDING]
    assert (found.rows_found, found.rows_waived) == (1, 1)


def test_a_waiver_waives_only_rows_that_agree_in_every_key(audit):
    found = audit("{region_code: '320100', period: 2020}")[ROUNDING]
    assert (found.rows_found, found.rows_waived) == (2, 0)
    assert found.waivers.endswith("；没有这样的行，可以删除")


def test_a_waiver_may_hold_any_text_and_name_what_is_empty(audit):
    text = """{region_code: o'brien, indicator: '{braces}', period: '12:30:x', stratum: 100%, value: '\\:'}"""
    assert audit(text)[ROUNDING].outcome == "failed"
    assert audit("{region_code: '320100', value: null}")[ROUNDING].rows_waived == 0


def test_a_waiver_on_a_column_that_the_rule_does_not_show_blocks(audit):
    found = audit("{county_code: '320100'}")[ROUNDING]
    assert (found.outcome, found.rows_waived) == ("crashed", None)
    assert "county_code" in found.example


def test_waivers_are_recorded_with_the_findings(audit, tmp_path):
    found = audit("{region_code: '320100'}")
    gate.record(tmp_path / "suheng.duckdb", list(found.values()), gate.datetime.now(gate.settings.SHANGHAI))
    with gate.duckdb.connect(str(tmp_path / "suheng.duckdb")) as con:
        rows = con.sql("select rule, rows_found, rows_waived, waivers from marts.quality_results").fetchall()
    assert rows == [(ROUNDING, 1, 1, SAID)]


GOOD = WAIVER.format(rule=ROUNDING, rows="  - {period: 2019}")


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("rounding", "unknown"),
        GOOD.replace("  - {period: 2019}", "  - {}"),
        GOOD.replace("\n  - {period: 2019}", " []"),
        GOOD.replace("\n  - {period: 2019}", " 3"),
        GOOD.replace("2026-03-31", "forever"),
        GOOD.replace("省公安厅来函更正", "''"),
        GOOD.replace("by: 省发展改革委 某处长\n", ""),
        f"{GOOD}approved: true\n",
        ROUNDING,
    ],
    ids=[
        "an_unknown_rule", "a_whole_rule", "no_row", "by_count", "for_ever", "without_reason", "by_nobody",
        "with_another_field", "in_one_word",
    ],
)  # fmt: skip
def test_no_waiver_is_given(tmp_path, text):
    (tmp_path / "letter.yaml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"letter\.yaml：豁免"):
        read_waivers([rule.name for rule in read_rules()], tmp_path)


def test_our_own_waivers_and_their_example_can_be_read(tmp_path):
    known = [rule.name for rule in read_rules()]
    read_waivers(known)
    (example,) = re.findall(r"```yaml\n(.*?)```", (WAIVERS / "README.md").read_text("utf-8"), re.S)
    (tmp_path / "example.yaml").write_text(example, "utf-8")
    assert len(read_waivers(known, tmp_path)) == 1


def test_a_draft_names_the_rows_that_block_and_is_no_waiver_until_somebody_signs_it(audit, tmp_path):
    """The draft holds keys and no number, and a waiver made of it waives every row that it names."""
    audit("{region_code: '320300'}")
    draft = (tmp_path / "audit" / "waivers" / "indicator_values__rounding.yaml").read_text("utf-8")
    keys = (
        "indicator: public_safety_perception, region_code: '{}', period: '2019', population_basis: none, stratum: all"
    )
    assert draft.splitlines()[2:] == [
        f"rule: {ROUNDING}",
        "rows:",
        f"- {{{keys.format('320100')}}}",
        f"- {{{keys.format('320200')}}}",
        "by:",
        "reason:",
        "until:",
    ]
    assert [path.name for path in (tmp_path / "audit" / "waivers").iterdir()] == ["indicator_values__rounding.yaml"]
    with pytest.raises(ValueError, match="豁免须写明"):
        read_draft(tmp_path, draft)
    signed = (
        draft.replace("by:", "by: 某处长").replace("reason:", "reason: 来函").replace("until:", "until: 2026-03-31")
    )
    assert len(read_draft(tmp_path, signed)) == 2
    found = audit(*re.findall(r"- (\{.*\})", draft))[ROUNDING]
    assert (found.outcome, found.rows_found, found.rows_waived) == ("passed", 0, 2)
    assert not (tmp_path / "audit" / "waivers").exists()


def read_draft(folder, text: str):
    (folder / "waivers" / "letter.yaml").write_text(text, "utf-8")
    return read_waivers([rule.name for rule in read_rules()], folder / "waivers")
