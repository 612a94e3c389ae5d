"""The province's promises: the grammar of printed targets, the 35 files, and the rows made from them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingest import settings
from ingest.promises.plan import Plan, PlanError, Target, parse_target, read_plan, tables

HIGHER, LOWER = "higher_better", "lower_better"
INFERRED = 22  # 表2 prints 60 without 〔〕; 专栏7 makes it a five years' total
# 表2 of 苏政办发〔2021〕98号, all 35 rows by hand: 2020, 2025, then kind, value, baseline, kind of baseline, tolerance.
PRINTED = {
    1: ("95", "≥95", "floor", "95", "95", "exact", None),
    2: ("2", "4.5左右", "about", "4.5", "2", "exact", "0.05"),
    3: ("85", "≥85", "floor", "85", "85", "exact", None),
    4: ("96.5", "≥98", "at_least", "98", "96.5", "exact", None),
    5: ("100", "100", "floor", "100", "100", "exact", None),
    6: ("18.9", "60", "at_least", "60", "18.9", "exact", None),
    7: ("97.3", "≥98", "at_least", "98", "97.3", "exact", None),
    8: ("15.4", "15.5", "at_least", "15.5", "15.4", "exact", None),
    9: ("4.5", "5左右", "ceiling", "5", "4.5", "exact", "0.5"),
    10: ("—", "〔800〕", "cumulative", "800", None, "none", None),
    11: ("3.16", "3.9", "at_least", "3.9", "3.16", "exact", None),
    12: ("4.07", "4.5", "at_least", "4.5", "4.07", "exact", None),
    13: ("79.1", "80左右", "about", "80", "79.1", "exact", "0.5"),
    14: ("≥98", "≥99", "at_least", "99", "98", "at_least", None),
    15: ("13.86", "18", "at_least", "18", "13.86", "exact", None),
    16: ("—", "100", "at_least", "100", None, "none", None),
    17: ("35", "100", "at_least", "100", "35", "exact", None),
    18: ("63.74", "70", "at_least", "70", "63.74", "exact", None),
    19: ("87", "≥90", "at_least", "90", "87", "exact", None),
    20: ("—", "100", "at_least", "100", None, "none", None),
    21: ("26.06", "≥28", "at_least", "28", "26.06", "exact", None),
    22: ("—", "60", "cumulative", "60", None, "none", None),
    23: ("15", "100", "at_least", "100", "15", "exact", None),
    24: ("—", "≥10", "at_least", "10", None, "none", None),
    25: ("97.09", "≥98", "at_least", "98", "97.09", "exact", None),
    26: ("99.87", "100", "at_least", "100", "99.87", "exact", None),
    27: ("—", "80", "at_least", "80", None, "none", None),
    28: ("43", "≥98", "at_least", "98", "43", "exact", None),
    29: ("94.53", "≥95", "at_least", "95", "94.53", "exact", None),
    30: ("81", "82左右", "about", "82", "81", "exact", "0.5"),
    31: ("100", "100", "floor", "100", "100", "exact", None),
    32: ("4.76", "6左右", "about", "6", "4.76", "exact", "0.5"),
    33: ("3.15", "3.3", "at_least", "3.3", "3.15", "exact", None),
    34: ("—", "〔>15〕", "cumulative_more_than", "15", None, "none", None),
    35: ("98.7", "≥95", "floor", "95", "98.7", "exact", None),
}
NUMBERS = st.decimals(min_value=0, max_value=10**6, allow_nan=False, allow_infinity=False, places=2) | st.integers(
    min_value=0, max_value=10**6
).map(Decimal)
KINDERGARTEN = "early_childhood/inclusive_kindergarten_coverage.yaml"
SCHOOLING = "education/new_labour_mean_schooling_years.yaml"
UNEMPLOYMENT = "employment/urban_surveyed_unemployment_rate.yaml"
SHANTYTOWN = "housing/shantytown_renovation_households.yaml"
ELDERS = "elderly_care/home_care_service_share.yaml"
SUBSIDIES = "vulnerable_support/two_subsidies_precision.yaml"
DUE = "denominator: subsidy_person_months_due, factor: 100"
LIVES = "health/life_expectancy_at_birth.yaml"


def expected(sequence: int) -> Target:
    _, _, kind, value, baseline, baseline_kind, tolerance = PRINTED[sequence]
    first, half = (Decimal(text) if text else None for text in (baseline, tolerance))
    return Target(kind, Decimal(value), first, baseline_kind, half)


def own() -> Plan:
    """The plan's own 35: what was added is for whoever added it."""
    plan = read_plan()
    return replace(plan, indicators=plan.indicators[:35])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(settings.PLAN, tmp_path / "plan"))
    for added in read_plan().indicators[35:]:
        (folder / added.domain / f"{added.indicator}.yaml").unlink()
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} must stand once in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(PlanError) as error:
        read_plan(folder)
    return str(error.value)


# The grammar


@pytest.mark.parametrize("sequence", PRINTED)
def test_every_target_of_table_2_is_parsed(sequence: int) -> None:
    baseline, target = PRINTED[sequence][:2]
    direction = LOWER if sequence == 9 else HIGHER
    assert parse_target(target, baseline, direction, sequence == INFERRED) == expected(sequence)


@pytest.mark.parametrize(
    ("target", "baseline", "direction", "kind"),
    [
        ("≤3", "4.2", LOWER, "at_most"),
        ("3", "4.2", LOWER, "at_most"),
        ("≤3", "3", LOWER, "ceiling"),
        ("3左右", "4.2", LOWER, "about"),
        ("＜4", "3", LOWER, "less_than"),
        ("<4", "—", LOWER, "less_than"),
        ("＞15", "20", HIGHER, "more_than"),
        ("〔≥15〕", "—", HIGHER, "cumulative"),
        ("〔＞15〕", "—", HIGHER, "cumulative_more_than"),
        ("≥98", "≥98", HIGHER, "floor"),
        ("≤99", "≥98", LOWER, "at_most"),
        ("80左右", "81", HIGHER, "floor"),
    ],
)
def test_forms_beside_those_of_table_2_are_parsed(target: str, baseline: str, direction: str, kind: str) -> None:
    assert parse_target(target, baseline, direction).kind == kind


@pytest.mark.parametrize(
    ("target", "baseline", "direction", "inferred"),
    [
        ("", "—", HIGHER, False),
        ("—", "85", HIGHER, False),
        ("20≥", "85", HIGHER, False),
        ("〔800", "—", HIGHER, False),
        ("800〕", "—", HIGHER, False),
        ("98/95", "—", HIGHER, False),
        ("九十", "—", HIGHER, False),
        ("-5", "—", HIGHER, False),
        ("98", "", HIGHER, False),
        ("98", "≤97", HIGHER, False),
        ("≥80左右", "79", HIGHER, False),
        ("〔80左右〕", "—", HIGHER, False),
        ("≤80", "79", HIGHER, False),
        ("〔<15〕", "—", HIGHER, False),
        ("≥5", "4.5", LOWER, False),
        ("〔5〕", "—", LOWER, False),
        ("〔60〕", "—", HIGHER, True),
        ("60左右", "—", HIGHER, True),
    ],
)
def test_a_target_outside_the_grammar_is_refused(target: str, baseline: str, direction: str, inferred: bool) -> None:
    with pytest.raises(PlanError):
        parse_target(target, baseline, direction, inferred)


@given(NUMBERS)
def test_without_a_baseline_the_sign_alone_gives_the_kind(number: Decimal) -> None:
    kinds = {"": "at_least", "≥": "at_least", ">": "more_than", "＞": "more_than"}
    for sign, kind in kinds.items():
        assert parse_target(f"{sign}{number}", "—", HIGHER) == Target(kind, number, None, "none", None)
    for sign, kind in {"": "at_most", "≤": "at_most", "<": "less_than", "＜": "less_than"}.items():
        assert parse_target(f"{sign}{number}", "—", LOWER) == Target(kind, number, None, "none", None)


@given(NUMBERS, NUMBERS)
def test_a_target_already_met_by_its_baseline_is_to_be_held(target: Decimal, baseline: Decimal) -> None:
    floor, ceiling = parse_target(f"≥{target}", f"{baseline}", HIGHER), parse_target(f"≤{target}", f"{baseline}", LOWER)
    assert floor.kind == ("floor" if baseline >= target else "at_least")
    assert ceiling.kind == ("ceiling" if baseline <= target else "at_most")
    assert (floor.value, floor.baseline) == (ceiling.value, ceiling.baseline) == (target, baseline)


@given(st.integers(0, 10**6), st.integers(0, 4))
def test_a_number_printed_left_and_right_rounds_to_itself_within_its_tolerance(digits: int, places: int) -> None:
    printed = f"{Decimal(digits).scaleb(-places):f}"
    target = parse_target(f"{printed}左右", "—", HIGHER)
    unit = Fraction(1, 10**places)
    assert target.tolerance is not None and Fraction(target.tolerance) == unit / 2
    assert (target.kind, target.value) == ("about", Decimal(printed))


@given(NUMBERS, NUMBERS | st.just("—"))
def test_a_five_years_total_never_becomes_a_floor(number: Decimal, baseline: Decimal | str) -> None:
    assert parse_target(f"〔{number}〕", f"{baseline}", HIGHER).kind == "cumulative"
    assert parse_target(f"〔>{number}〕", f"{baseline}", HIGHER).kind == "cumulative_more_than"
    assert parse_target(f"{number}", f"{baseline}", HIGHER, True) == parse_target(
        f"〔{number}〕", f"{baseline}", HIGHER
    )


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_text_is_parsed_or_refused_in_our_words(target: str, baseline: str) -> None:
    try:
        assert parse_target(target, baseline, HIGHER).value >= 0
    except PlanError as error:
        assert "目标" in str(error)


# The files


def test_the_plan_has_35_indicators_in_13_domains() -> None:
    plan = own()
    assert [i.sequence for i in plan.indicators] == list(range(1, 36))
    assert len(plan.domains) == 13
    assert list(plan.domains.values())[0::6] == ["幼有所育", "住有所居", "公共安全保障"]
    # 表2 by domain, in its order: five, three, two, four, five, one, two, four, two, two, one, two, two
    held = [sum(i.domain == domain for i in plan.indicators) for domain in plan.domains]
    assert held == [5, 3, 2, 4, 5, 1, 2, 4, 2, 2, 1, 2, 2]


def test_12_targets_are_binding_and_23_anticipatory() -> None:
    binding = [i.sequence for i in own().indicators if i.attribute == "binding"]
    assert binding == [1, 5, 14, 16, 17, 20, 21, 22, 25, 30, 31, 34]
    assert sum(i.attribute == "anticipatory" for i in own().indicators) == 23


def test_every_file_prints_and_declares_what_table_2_does() -> None:
    for i in own().indicators:
        assert (i.printed_baseline, i.printed_target) == PRINTED[i.sequence][:2], i.indicator
        assert i.target == expected(i.sequence), i.indicator
    declared = yaml.safe_load((settings.PLAN / UNEMPLOYMENT).read_text("utf-8"))["target"]
    assert declared == {"kind": "ceiling", "value": 5, "baseline": 4.5, "baseline_kind": "exact", "tolerance": 0.5}


def test_the_lines_named_are_those_of_the_plan() -> None:
    # 表2 stands on two pages: its first eight names on lines 346 to 353, the other 27 on 404 to 430.
    assert [i.printed_line for i in own().indicators] == [*range(346, 354), *range(404, 431)]


def test_only_six_definitions_are_the_plans_own() -> None:
    noted = {i.sequence: i.definition_source for i in own().indicators if i.definition_source != "derived"}
    assert noted == {n: f"plan_note_{note}" for n, note in {5: 2, 16: 3, 23: 4, 26: 5, 21: 6, 27: 7}.items()}


def test_worked_examples_agree_with_exact_division() -> None:
    worked = {i.sequence: i for i in own().indicators if i.examples}
    assert worked.keys() >= {3, 4, 6, 15, 27, 28}
    for i in worked.values():
        for example in i.examples:
            for region, value in example["then"].items():
                inside = region.rstrip("0") if region.endswith("00") else region
                given = example["given"]  # a city's own numbers are not the sum of its counties'
                rows = [given[region]] if region in given else [r for c, r in given.items() if c.startswith(inside)]
                sums = {
                    role: sum(Fraction(str(v)) for row in rows for m, v in row.items() if m.split("@")[0] == measure)
                    for role, measure in i.measures.items()
                }
                if i.formula_kind == "precision":
                    over, under = sums["paid"] - sums["wrong"] - sums["omitted"], sums["paid"]
                else:
                    over, under = sums["numerator"], sums["denominator"]
                assert value == (float(Fraction(i.formula_factor or 1) * over / under) if under else None), (
                    example["name"],
                    region,
                )


@pytest.mark.parametrize("sequence", [3, 4, 6, 15])
def test_worked_examples_show_nobody_eligible_nobody_reached_and_a_province_of_sums(sequence: int) -> None:
    examples = own().indicators[sequence - 1].examples
    values = [value for example in examples for value in example["then"].values()]
    assert None in values and 0 in values
    assert any("320000" in example["then"] for example in examples)
    assert any(value is not None and value > 100 for value in values) == (sequence == 4)


# An indicator of our own


def add_indicator(folder: Path, sequence: str, line: str) -> None:
    path = folder / "early_childhood" / "public_kindergarten_share.yaml"
    shutil.copy(folder / KINDERGARTEN, path)
    rewrite(path, "sequence: 3\n", f"sequence: {sequence}\n")
    rewrite(path, "line: 348", f"line: {line}")
    rewrite(path, "name_zh: 普惠性幼儿园覆盖率", "name_zh: 公办幼儿园在园幼儿占比")
    rewrite(
        path, "name_en: Coverage of public-benefit (inclusive) kindergartens", "name_en: Share in public kindergartens"
    )


def test_an_indicator_of_the_plan_is_told_with_its_line_of_the_plan() -> None:
    for row in tables(own())["indicators"].iter_rows(named=True):
        assert row["document"] == "苏政办发〔2021〕98号"
        assert (row["source_text"] is None) == (row["source_line"] is None)
        assert row["source_text"] is None or row["name_zh"][:4] in row["source_text"], row


def test_a_new_indicator_is_one_file(folder: Path) -> None:
    add_indicator(folder, "36", "null")
    made = tables(read_plan(folder))
    row = made["indicators"].row(35, named=True)
    assert (row["indicator"], row["sequence"], row["source_line"]) == ("public_kindergarten_share", 36, None)
    assert row["domain_zh"] == "幼有所育"
    assert made["formulas"].filter(indicator="public_kindergarten_share")["role"].to_list() == [
        "numerator",
        "denominator",
    ]


@pytest.mark.parametrize(
    ("sequence", "line", "key"),
    [("36", "348", "printed.line"), ("3", "null", "printed.line"), ("3", "348", "sequence")],
)
def test_a_new_indicator_does_not_pass_for_one_of_the_plan(folder: Path, sequence: str, line: str, key: str) -> None:
    add_indicator(folder, sequence, line)
    message = refusal(folder)
    assert "public_kindergarten_share.yaml" in message and f" {key}: " in message


@pytest.mark.parametrize(
    ("key", "name"),
    [("name_zh", "普惠性幼儿园覆盖率"), ("name_en", "Coverage of public-benefit (inclusive) kindergartens")],
)
def test_two_indicators_of_one_name_are_told(folder: Path, key: str, name: str) -> None:
    add_indicator(folder, "36", "null")
    path = folder / "early_childhood" / "public_kindergarten_share.yaml"
    path.write_text(re.sub(rf"(?m)^{key}: .*$", f"{key}: {name}", path.read_text("utf-8")), "utf-8")
    message = refusal(folder)
    assert "inclusive_kindergarten_coverage.yaml" in message and f"{key}: {name} 重复" in message


# What is refused names the file and the key


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        (KINDERGARTEN, "unit: '%'\n", "", "unit"),
        (KINDERGARTEN, "unit: '%'\n", "unit:\n", "unit"),
        (KINDERGARTEN, "unit: '%'\n", "unit: '%'\nunits: '%'\n", "units"),
        (KINDERGARTEN, "line: 348", "line: 348, page: 8", "printed.page"),
        (KINDERGARTEN, "printed: {baseline: '85', target: '≥85', line: 348}", "printed: ≥85", "printed"),
        (KINDERGARTEN, "baseline: '85'", "baseline: 85", "printed.baseline"),
        (KINDERGARTEN, "target: '≥85'", "target: '85以上'", "printed"),
        (KINDERGARTEN, "higher_better", "lower_better", "printed"),
        (KINDERGARTEN, "higher_better", "higher", "direction"),
        (KINDERGARTEN, "kind: floor", "kind: at_least", "target.kind"),
        (KINDERGARTEN, "value: 85,", "value: 58,", "target.value"),
        (KINDERGARTEN, "baseline: 85,", "baseline: null,", "target.baseline"),
        (KINDERGARTEN, "baseline_kind: exact", "baseline_kind: at_least", "target.baseline_kind"),
        (KINDERGARTEN, "baseline_kind: exact}", "baseline_kind: exact, tolerance: 0.5}", "target.tolerance"),
        (KINDERGARTEN, "printed_baseline_decimals: 0", "printed_baseline_decimals: 1", "printed_baseline_decimals"),
        (UNEMPLOYMENT, ", tolerance: 0.5", "", "target.tolerance"),
        (SHANTYTOWN, ", cumulative: inferred", "", "target.kind"),
        (SHANTYTOWN, "factor: 0.0001", "factor: 0.00001", "formula.factor"),
        (KINDERGARTEN, "sequence: 3\n", "sequence: '3'\n", "sequence"),
        (KINDERGARTEN, "numerator: inclusive_kindergarten_children, ", "", "formula.numerator"),
        (KINDERGARTEN, "denominator: kindergarten_children, ", "", "formula.denominator"),
        (KINDERGARTEN, ", factor: 100", "", "formula.factor"),
        (KINDERGARTEN, "kind: ratio", "kind: quotient", "formula.kind"),
        (KINDERGARTEN, "kind: ratio", "kind: precision", "formula.denominator"),
        (KINDERGARTEN, "population_basis: [none]", "population_basis: [none, census_2020]", "population_basis"),
        (KINDERGARTEN, "population: kindergarten_children", "population: null", "equalization.population"),
        (KINDERGARTEN, "'320104': {inclusive_kindergarten", "'320104': {included_kindergarten", "examples.2"),
        (KINDERGARTEN, "'320104': {inclusive_kindergarten", "320104: {inclusive_kindergarten", "examples.2"),
        (SCHOOLING, "reason: ", "because: ", "choices.schooling_years"),
        (SCHOOLING, ", alternatives: 肄业", ", instead: 肄业", "choices.schooling_years"),
        (KINDERGARTEN, "strata: [urban, rural]", "strata: [urban]", "strata"),
        (KINDERGARTEN, "strata: [urban, rural]", "strata: [rural, urban]", "strata"),
        (KINDERGARTEN, "strata: [urban, rural]", "strata: [urban, rural, local]", "strata"),
        (KINDERGARTEN, "strata: [urban, rural]", "strata: [all, urban, rural]", "strata"),
        (KINDERGARTEN, "strata: [urban, rural]", "strata: [male, female]", "strata"),
        (KINDERGARTEN, "strata: [urban, rural]", "strata_reason:", "strata_reason"),
        (SUBSIDIES, "sensitive: true", "sensitive: false", "sensitive"),
        (SUBSIDIES, "sensitive: true", "is_sensitive: true", "is_sensitive"),
        (SCHOOLING, "equalization:", "gross: maybe\nequalization:", "gross"),
        (ELDERS, "  hukou: {zh: 户籍老年人口径, ", "  hukou: {", "details.hukou"),
        (ELDERS, "  hukou: {zh:", "  hukou: {name_zh:", "details.hukou"),
        (ELDERS, "  hukou: {zh:", "  hukou: {kind: ratio, zh:", "details.hukou"),
        (ELDERS, "  hukou: {", "  headline: {", "details.headline"),
        (ELDERS, "  hukou: {", "  户籍: {", "details.户籍"),
        (ELDERS, "denominator: hukou_home_elders, ", "", "details.hukou"),
        (ELDERS, "factor: 100, level: county", "level: county", "details.hukou"),
        (ELDERS, "factor: 100, level: county", "factor: -1, level: county", "details.hukou"),
        (ELDERS, "level: county}", "level: township}", "details.hukou"),
        (ELDERS, "level: county}", "level: county, by_stratum: true}", "details.hukou"),
        (ELDERS, "level: county}", "by_stratum: false}", "details.hukou"),
        # of a sensitive indicator nothing is told below the province, however it is read
        (SUBSIDIES, "denominator: subsidy_person_months_due, factor: 100}", DUE + ", level: city}", "details.recall"),
        (LIVES, "male: {zh: 男性}\n  f", "male: {zh: 男性, factor: 100}\n  f", "details.male"),
        (LIVES, "female: {zh: 女性}", "female: {zh: 女性, numerator: a, denominator: b, factor: 1}", "details.female"),
        ("plan.yaml", "end_period: '2025'", "end_period: 2025", "end_period"),
        ("plan.yaml", "title: 江苏省“十四五”公共服务规划\n", "", "title"),
        ("plan.yaml", "name_zh: 学有所教, ", "", "domains"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(folder: Path, file: str, old: str, new: str, key: str) -> None:
    rewrite(folder / file, old, new)
    assert refusal(folder).startswith(f"{folder / file}: {key}: ")


def test_a_missing_indicator_is_named_by_its_number(folder: Path) -> None:
    (folder / KINDERGARTEN).unlink()
    assert refusal(folder).startswith(f"{folder / 'plan.yaml'}: indicators: 缺少第 [3] 项")


def test_a_folder_that_is_no_domain_is_refused(folder: Path) -> None:
    (folder / "education").rename(folder / "schooling")
    message = refusal(folder)
    assert str(folder / "schooling") in message and " domain: 领域“schooling”" in message


def test_one_name_in_two_domains_is_refused(folder: Path) -> None:
    add_indicator(folder, "36", "null")
    copy = folder / "education" / "public_kindergarten_share.yaml"
    shutil.copy(folder / "early_childhood" / copy.name, copy)
    rewrite(copy, "sequence: 36\n", "sequence: 37\n")
    assert "indicator: public_kindergarten_share 重复" in refusal(folder)


@pytest.mark.parametrize("content", [b"unit: '%\n", "名称：普惠".encode("gb18030"), b"- 1\n"])
def test_a_file_that_is_not_a_mapping_in_utf8_is_refused(folder: Path, content: bytes) -> None:
    (folder / KINDERGARTEN).write_bytes(content)
    assert refusal(folder).startswith(f"{folder / KINDERGARTEN}: ")


# The rows


def test_indicator_rows_have_the_columns_of_the_mart() -> None:
    (mart,) = yaml.safe_load((settings.ROOT / "dbt_project/models/marts/indicators.yml").read_text("utf-8"))["models"]
    types = {
        "varchar": pl.String,
        "integer": pl.Int32,
        "boolean": pl.Boolean,
        "decimal(18,4)": pl.Decimal(18, 4),
    }
    known_later = {"datasets", "is_additive", "method_version", "suppression_threshold"}
    known_later |= {"is_numerator_of_persons", "is_denominator_of_persons", "years_open"}
    wanted = {c["name"]: types[c["data_type"]] for c in mart["columns"] if c["name"] not in known_later}
    assert dict(tables(own())["indicators"].schema) == wanted


def test_an_indicator_row_says_what_its_file_says() -> None:
    rows = tables(own())["indicators"]
    unemployment = rows.row(8, named=True)
    assert unemployment["definition_zh"].startswith("城镇16周岁及以上失业人口")
    assert {k: v for k, v in unemployment.items() if k != "definition_zh"} == {
        "indicator": "urban_surveyed_unemployment_rate",
        "plan": "2021-2025",
        "sequence": 9,
        "domain": "employment",
        "domain_zh": "劳有所得",
        "name_zh": "城镇调查失业率",
        "name_en": "Urban surveyed unemployment rate",
        "document": "苏政办发〔2021〕98号",
        "source_text": "城镇调查失业率（%）",
        "unit": "%",
        "direction": "lower_better",
        "attribute": "anticipatory",
        "service_tier": "basic",
        "lead_department_zh": "国家统计局江苏调查总队",
        "printed_baseline": "4.5",
        "printed_target": "5左右",
        "target_kind": "ceiling",
        "target": Decimal(5),
        "baseline": Decimal("4.5"),
        "baseline_kind": "exact",
        "tolerance": Decimal("0.5"),
        "local_target": "same",
        "formula_kind": "survey",
        "lowest_level": "city",
        "published_decimals": 1,
        "printed_baseline_decimals": 1,
        "definition_source": "derived",
        "source_line": 404,
        "is_cumulative": False,
        "is_sensitive": False,
        "is_gross": False,
    }
    assert rows.filter("is_cumulative")["sequence"].to_list() == [10, 22, 34]
    assert rows.filter(pl.col("baseline").is_null())["sequence"].to_list() == [10, 16, 20, 22, 24, 27, 34]


def test_formula_rows_name_measures_by_role() -> None:
    formulas = tables(own())["formulas"]
    assert formulas.schema["factor"] == pl.Decimal(18, 4)
    computed = ["inclusive_kindergarten_coverage", "preschool_gross_enrolment", "compulsory_balanced_county_rate"]
    computed += ["home_care_service_share", "shantytown_renovation_households"]
    assert formulas.filter(pl.col("indicator").is_in(computed), detail="headline").drop("detail").rows() == [
        (computed[0], "ratio", "numerator", "inclusive_kindergarten_children", Decimal(100)),
        (computed[0], "ratio", "denominator", "kindergarten_children", Decimal(100)),
        (computed[1], "ratio", "numerator", "kindergarten_children", Decimal(100)),
        (computed[1], "ratio", "denominator", "population_age_3_5", Decimal(100)),
        (computed[2], "area_share", "numerator", "counties_passed", Decimal(100)),
        (computed[2], "area_share", "denominator", "eval_units", Decimal(100)),
        (computed[3], "ratio", "numerator", "home_elders_served", Decimal(100)),
        (computed[3], "ratio", "denominator", "home_elders", Decimal(100)),
        (computed[4], "cumulative", "numerator", "shantytown_households_renovated", Decimal("0.0001")),
    ]


def test_another_reading_is_a_ratio_of_its_own_beside_the_headline() -> None:
    made = tables(own())
    elders = "home_care_service_share"
    assert made["formulas"].filter(indicator=elders).rows() == [
        (elders, "headline", "ratio", "numerator", "home_elders_served", Decimal(100)),
        (elders, "headline", "ratio", "denominator", "home_elders", Decimal(100)),
        (elders, "hukou", "ratio", "numerator", "hukou_home_elders_served", Decimal(100)),
        (elders, "hukou", "ratio", "denominator", "hukou_home_elders", Decimal(100)),
    ]
    details = made["details"]
    assert details.filter(indicator=elders).rows() == [(elders, "hukou", "户籍老年人口径", "county", False)]
    doses = details.filter(indicator="child_immunization_rate")
    assert doses.select("detail", "lowest_level", "is_by_stratum").rows() == [
        ("by_vaccine", "province", True),
        ("fully_vaccinated", "county", False),
        ("lowest_township", "province", False),
    ]


def test_a_life_table_is_told_apart_by_sex_without_a_formula_and_a_precision_has_three_sides() -> None:
    made = tables(own())
    lives = made["formulas"].filter(indicator="life_expectancy_at_birth").select("detail", "role", "measure", "factor")
    assert lives.rows() == [
        ("headline", "deaths", "deaths", None),
        ("headline", "deaths_observed", "deaths_observed", None),
        ("headline", "population", "person_years", None),
    ]
    sexes = made["details"].filter(indicator="life_expectancy_at_birth").drop("indicator")
    assert sexes.rows() == [("male", "男性", "province", False), ("female", "女性", "province", False)]
    paid = made["formulas"].filter(indicator="two_subsidies_precision", detail="headline").select("kind", "role")
    assert paid.rows() == [("precision", "paid"), ("precision", "wrong"), ("precision", "omitted")]


def test_families_of_strata_are_whole_and_all_is_none_of_them() -> None:
    sequences = {i.indicator: i.sequence for i in own().indicators}
    found: dict[int, list[str]] = {}
    for indicator, stratum in tables(own())["strata"].rows():
        found.setdefault(sequences[indicator], []).append(stratum)
    area, both = ["urban", "rural"], ["urban", "rural", "local", "migrant"]
    assert found == {1: both, 2: area, 3: area, 4: area, 15: both, 17: area, 18: area, 20: area}


def test_sensitive_and_gross_indicators_are_those_that_say_so() -> None:
    """formulas.md 0.9 and 0.11, of those computed."""
    rows = tables(own())["indicators"]
    assert rows.filter("is_gross")["sequence"].to_list() == [4, 7]
    assert rows.filter("is_sensitive")["sequence"].to_list() == [5, 25, 26, 31]


def test_only_rates_over_a_population_have_two_bases_and_the_later_census_leads() -> None:
    bases = tables(own())["bases"]
    two = bases.filter(pl.col("population_basis") != "none")
    assert two["population_basis"].to_list() == ["census_2020", "census_2010"] * 10
    assert two["rank"].to_list() == [1, 2] * 10
    assert "preschool_gross_enrolment" in two["indicator"] and bases.height == 25 + 20


def test_a_choice_has_its_numbers_or_the_places_of_its_words_and_tells_why_and_what_else_there_was() -> None:
    choices = tables(own())["choices"]
    years = choices.filter(choice="schooling_years").select("indicator", "item", "value").rows()
    levels = {"primary": 6, "junior": 9, "senior": 12, "college": 15, "bachelor": 16, "master": 19, "doctor": 22}
    assert years == [("new_labour_mean_schooling_years", level, Decimal(n)) for level, n in levels.items()]
    line = ("home_care_service_share", "age_line", None, Decimal(60), "60")
    assert choices.filter(choice="age_line").rows() == [(*line, "规划未写，按老年人权益保障法取60周岁", "取65周岁")]
    assert choices.filter(choice="elders").select("item", "value", "chosen").rows() == [(None, None, "resident")]
    order = choices.filter(choice="death_sources").select("item", "value", "chosen").rows()
    said = "death_register;hukou_cancel;funeral"
    assert order == [(source, Decimal(n), said) for n, source in enumerate(said.split(";"), 1)]


def test_the_plan_is_one_row() -> None:
    assert tables(own())["plan"].rows(named=True) == [
        {
            "plan": "2021-2025",
            "baseline_period": "2020",
            "end_period": "2025",
            "first_period": "2019",
            "method_version": 2,
            "suppression_threshold": 10,
            "least_covered_share": Decimal("0.8"),
        }
    ]


def test_the_rows_do_not_depend_on_where_or_in_what_order_the_files_lie(folder: Path) -> None:
    for path in sorted(folder.glob("*/*.yaml"), reverse=True):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    ours, theirs = tables(own()), tables(read_plan(folder))
    assert ours.keys() == theirs.keys() == {
        "indicators", "formulas", "details", "strata", "bases", "choices", "plan", "vocabulary",
    }  # fmt: skip
    for name in ours:
        assert_frame_equal(ours[name], theirs[name])
    assert ours["indicators"]["sequence"].is_sorted()
