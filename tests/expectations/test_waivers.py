"""A waived row does not count until its day is past; nothing else is ever waived."""

from datetime import date

import pytest
from poisons import survey

from expectations import gate
from expectations.rules import read_rules
from expectations.waivers import read_waivers

DAY = date(2026, 3, 31)
WAIVER = """
- rule: {rule}
  keys: {keys}
  reason: 省公安厅来函更正
  until: 2026-03-31
"""


@pytest.fixture
def audit(spoil, tmp_path):
    """Audit a build in which two cities are rounded wrongly, under a waiver; returns what does not pass."""

    def audit(keys: str, today: date = DAY):
        path = tmp_path / "waivers.yaml"
        path.write_text(WAIVER.format(rule="indicator_values/rounding", keys=keys), "utf-8")
        snapshot = spoil(survey("value_rounded = 98.5", "320100") + survey("value_rounded = 98.5", "320200"))
        found = gate.audit(snapshot, None, tmp_path / "audit", waivers=path, today=today)
        return {f.rule: f for f in found if f.outcome != "passed"}

    return audit


def test_a_waived_row_does_not_count_up_to_and_on_its_day(audit, tmp_path):
    found = audit("{indicator: public_safety_perception, region_code: '320100', period: 2019}")
    assert found.keys() == {"indicator_values/rounding"}
    assert found["indicator_values/rounding"].rows_found == 1
    assert "region_code=320200" in found["indicator_values/rounding"].example
    assert "省公安厅来函更正" in (tmp_path / "audit" / "quality.html").read_text("utf-8")


def test_a_rule_passes_when_all_its_rows_are_waived(audit):
    assert audit("{indicator: public_safety_perception}") == {}


def test_a_waived_row_counts_again_the_day_after_and_the_waiver_is_reported(audit):
    found = audit("{region_code: '320100'}", date(2026, 4, 1))
    assert found.keys() == {"indicator_values/rounding", "waivers/expired"}
    assert found["indicator_values/rounding"].rows_found == 2
    expired = found["waivers/expired"]
    assert (expired.severity, expired.outcome, expired.rows_found) == ("warning", "failed", 1)
    assert expired.example == "indicator_values/rounding（region_code=320100）至 2026-03-31：省公安厅来函更正"
    assert [f.rule for f in gate.blockers(list(found.values()))] == ["indicator_values/rounding"]


def test_a_waiver_waives_only_rows_that_agree_in_every_key(audit):
    assert audit("{region_code: '320100', period: 2020}")["indicator_values/rounding"].rows_found == 2


def test_a_waiver_may_hold_any_text(audit):
    found = audit("""{region_code: o'brien, indicator: '{braces}', period: '12:30:x', stratum: 100%, value: '\\:'}""")
    assert found["indicator_values/rounding"].outcome == "failed"


def test_a_waiver_on_a_column_that_the_rule_does_not_show_blocks(audit):
    found = audit("{county_code: '320100'}")
    assert found["indicator_values/rounding"].outcome == "crashed"
    assert "county_code" in found["indicator_values/rounding"].example


@pytest.mark.parametrize(
    "text",
    [
        WAIVER.format(rule="indicator_values/unknown", keys="{period: 2019}"),
        WAIVER.format(rule="indicator_values/rounding", keys="{}"),
        WAIVER.format(rule="indicator_values/rounding", keys="{period: 2019}").replace("2026-03-31", "forever"),
        WAIVER.format(rule="indicator_values/rounding", keys="{period: 2019}").replace("省公安厅来函更正", "''"),
        WAIVER.format(rule="indicator_values/rounding", keys="{period: 2019}") + "  approved: true\n",
        "- indicator_values/rounding\n",
    ],
    ids=["an_unknown_rule", "a_whole_rule", "for_ever", "without_reason", "with_another_field", "in_one_word"],
)
def test_no_waiver_is_given(tmp_path, text):
    (tmp_path / "waivers.yaml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match="豁免"):
        read_waivers([rule.name for rule in read_rules()], tmp_path / "waivers.yaml")


def test_our_own_waivers_can_be_read():
    read_waivers([rule.name for rule in read_rules()])
