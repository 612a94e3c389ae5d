"""The whole chain on the small province: from departments' files to a published snapshot."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.promises.contract import read_contracts

COVERED = {  # by their numbers in 表2: the basis of the printed value, the value, its decimals
    "child_immunization_rate": ("none", 95.0, 0),
    "childcare_places_per_1000": ("census_2020", 2.0, 0),
    "inclusive_kindergarten_coverage": ("none", 85.0, 0),
    "preschool_gross_enrolment": ("census_2020", 96.5, 1),
    "children_in_difficulty_coverage": ("none", 100.0, 0),
    "compulsory_balanced_county_rate": ("none", 18.9, 1),
    "senior_secondary_gross_enrolment": ("census_2020", 97.3, 1),
    "new_labour_mean_schooling_years": ("none", 15.4, 1),
    "physicians_per_1000": ("census_2020", 3.16, 2),
    "gp_per_10000": ("census_2020", 4.07, 2),
    "life_expectancy_at_birth": ("census_2020", 79.1, 1),
    "home_care_service_share": ("none", 13.86, 2),
    "township_comprehensive_eldercare_coverage": ("none", 35.0, 0),
    "nursing_bed_share": ("none", 63.74, 2),
    "proactive_discovery_rate": ("none", 15.0, 0),
    "two_subsidies_precision": ("none", 99.87, 2),
    "adjacent_county_bus_rate": ("none", 43.0, 0),
}
WITHOUT_BASELINE = {"urban_rural_bus_integration_rate", "public_cinerary_coverage"}


def receipts(data: Path) -> list[dict]:
    paths = (p for p in data.glob("lake/*/*/*/receipt.json") if p.parts[-4] != "plan")
    return [{**json.loads(p.read_text("utf-8")), "folder": p.parent} for p in paths]


def release(data: Path) -> dict:
    return json.loads((data / "published" / "current" / "release.json").read_text("utf-8"))


def test_the_2020_values_print_what_the_plan_printed(refreshed):
    """表2, each at its own printed decimals, or as near as whole persons come at this small scale."""
    for indicator, (basis, printed, places) in COVERED.items():
        ((value, numerator),) = refreshed.query(
            f"select value, numerator from marts.indicator_values where indicator = '{indicator}' "
            f"and region_code = '320000' and period = '2020' and population_basis = '{basis}' and stratum = 'all'"
        )
        nearest = abs(value - printed) <= value / float(numerator) / 2
        assert round(value, places) == printed or nearest, (indicator, value)


@pytest.mark.parametrize(
    ("indicator", "target"), [("preschool_gross_enrolment", 98), ("senior_secondary_gross_enrolment", 99)]
)
def test_gross_enrolment_reaches_its_old_target_on_the_2010_census_and_is_not_scored_there(
    refreshed, indicator, target
):
    """表1注2."""
    ((value, status, is_met),) = refreshed.query(
        f"select value, status, is_met from marts.target_progress where indicator = '{indicator}' "
        "and region_code = '320000' and period = '2020' and population_basis = 'census_2010'"
    )
    assert value >= target
    assert (status, is_met) == ("not_comparable", None)


def test_all_35_are_declared_and_those_without_an_extract_are_missing(refreshed):
    rows = refreshed.query(
        "select i.indicator, i.datasets, any_value(v.status) from marts.indicators i join marts.indicator_values v "
        "using (indicator) where v.region_code = '320000' and v.period = '2024' and i.sequence <= 35 group by all"
    )
    assert len({r[0] for r in rows}) == 35
    assert {r[0] for r in rows if r[1]} == {*COVERED, *WITHOUT_BASELINE}
    assert {r[2] for r in rows if not r[1]} == {"missing"}


def test_rejects_and_refusals_equal_the_answer_key(refreshed):
    key = json.loads((refreshed.data.parent / "answer_key.json").read_text("utf-8"))
    rejects, refused = set(), set()
    for receipt in receipts(refreshed.data):
        file = f"{receipt['department']}/{receipt['dataset']}/{receipt['source_file']}"
        if receipt["outcome"] == "refused":
            refused.add((file, receipt["reason"]))
            kept = refreshed.data / "refused" / receipt["department"] / receipt["dataset"] / receipt["delivery_id"]
            source = refreshed.data / "inbox" / file
            assert (kept / source.name).read_bytes() == source.read_bytes()
        else:
            frame = pl.read_parquet(receipt["folder"] / "rejects.parquet")
            rejects |= {(file, *row) for row in frame.select("record", "column", "reason").iter_rows()}
    assert rejects == {(r["file"], r["record"], r["column"], r["reason"]) for r in key["rejects"]}
    assert refused == {(r["file"], r["reason"]) for r in key["refused"]}
    same = {r["source_file"] for r in receipts(refreshed.data)}
    assert not {Path(s["file"]).name for s in key["same_bytes"]} & same
    superseded = refreshed.query(
        "select department || '/' || dataset || '/' || source_file from marts.deliveries where outcome = 'superseded'"
    )
    assert {s for (s,) in superseded} == {s["file"] for s in key["superseded"]}
    late = refreshed.query(
        "select department || '/' || dataset || '/' || source_file, days_late from marts.deliveries "
        "where days_late > 0 and outcome = 'accepted'"
    )
    assert set(late) == {(s["file"], s["days"]) for s in key["late"]}


def read_persons(inbox: Path) -> tuple[set[str], set[str]]:
    """Citizen numbers and names in the departments' files, of whatever format."""
    numbers, names = set(), set()
    for file in inbox.rglob("*.parquet"):
        frame = pl.read_parquet(file)
        numbers |= {n for n in frame["身份证号"].drop_nulls() if re.fullmatch("[0-9]{17}[0-9Xx]|[0-9]{15}", n)}
        names |= set(frame["姓名"].drop_nulls())
    for contract in read_contracts().values():
        for file in (inbox / contract.name).glob("*.[cj]s*"):  # csv and jsonl
            raw = file.read_bytes()
            marked = raw.startswith(b"\xef\xbb\xbf")
            first, *lines = raw.decode("utf-8-sig" if marked else contract.encoding, "replace").split("\n")
            numbers |= set(re.findall(r"[0-9]{17}[0-9Xx]|(?<![0-9])[0-9]{15}(?![0-9])", "\n".join([first, *lines])))
            if contract.format == "jsonl":
                names |= {name for line in [first, *lines] for name in re.findall(r'姓名":"(.*?)"', line)}
                continue
            header = first.strip().split(contract.delimiter)
            rows = [cells for line in lines if len(cells := line.split(contract.delimiter)) == len(header)]
            for position in (n for n, name in enumerate(header) if name.endswith("姓名")):
                names |= {cells[position] for cells in rows}
    return numbers, names - {""}


def test_no_citizen_number_and_no_name_is_anywhere(refreshed):
    numbers, names = read_persons(refreshed.data / "inbox")
    numbers = {n.upper() for n in numbers} - {n for n in numbers if n.startswith("0")}
    assert len(numbers) > 60_000
    assert len(names) > 10_000
    for room in ("lake", "build", "published", "logs", "dbt"):
        for file in (refreshed.data / room).rglob("*"):
            if file.is_file() and not file.is_symlink():
                found = {
                    m.decode().upper() for m in re.findall(rb"(?=([0-9]{17}[0-9Xx]|[0-9]{15}))", file.read_bytes())
                }
                assert not found & numbers, file
    output = (refreshed.data.parent / "refresh.txt").read_text("utf-8")
    assert not set(re.findall(r"[0-9]{17}[0-9Xx]", output)) & numbers
    # compressed columns, value by value
    for file in (refreshed.data / "lake").rglob("*.parquet"):
        frame = pl.read_parquet(file)
        for column in frame.select(pl.col(pl.String)).columns:
            values = set(frame[column].drop_nulls().to_list())
            assert not values & numbers, (file, column)
            assert not values & names or column in ("name", "name_zh"), (file, column)
    for database in (refreshed.data / "build" / "work.duckdb", refreshed.data / "kept.duckdb"):
        with duckdb.connect(str(database), read_only=True) as con:
            texts = con.sql(
                "select schema_name, table_name, column_name from duckdb_columns() "
                "semi join duckdb_tables() using (schema_name, table_name) where data_type = 'VARCHAR'"
            )
            for schema, table, column in texts.fetchall():
                values = {v for (v,) in con.sql(f'select distinct "{column}" from "{schema}"."{table}"').fetchall()}
                assert not values & numbers, (table, column)
                assert not values & names or column == "name_zh", (table, column)


def test_everything_published_says_that_it_is_simulated(refreshed):
    current = refreshed.data / "published" / "current"
    assert "模拟数据" in release(refreshed.data)["note_zh"]
    assert "模拟数据" in (current / "quality.html").read_text("utf-8")
    ((note, simulated, scale),) = refreshed.query("select note_zh, is_simulated, sandbox_scale from marts.release")
    assert "模拟数据" in note
    assert "养老床位" in note  # 380,000 beside 21,000 elders: at full number, and no rate of them means anything
    assert (simulated, scale) == (True, 0.001)


def test_tables_and_columns_are_documented_in_the_publication(refreshed):
    bare = refreshed.query("select table_name from duckdb_tables() where schema_name = 'marts' and comment is null")
    assert bare == []
    bare = refreshed.query(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null"
    )
    assert bare == []


def test_nothing_new_is_nothing_to_do(refreshed, tmp_path):
    again = refreshed.copy(tmp_path / "data", "inbox")
    shutil.copytree(refreshed.data / "inbox" / "statistics", again.data / "inbox" / "statistics")
    before = sorted(p.name for p in (again.data / "published" / "versions").iterdir())
    # alerts that cannot be sent are no failure of the night
    said = again("refresh", SUHENG_ALERTS_FILE=str(tmp_path / "nowhere.txt"))
    assert "没有新的数据" in said
    assert "✗ 收尾与告警" in said
    assert "SUHENG_ALERTS_FILE：没有文件" in said
    assert sorted(p.name for p in (again.data / "published" / "versions").iterdir()) == before


@pytest.fixture(scope="module")
def resubmitted(refreshed, tmp_path_factory):
    """After two resubmissions: one county's kindergartens of 2022 all become public; January 2020 is sent again without
    what it paid for 2019. With what was recomputed, and how many payments are gone."""
    changed = refreshed.copy(tmp_path_factory.mktemp("resubmitted") / "data")
    folder = changed.data / "inbox" / "education" / "kindergarten_census"
    source = max(folder.glob("幼儿园基层统计_2022学年*.csv"), key=lambda p: p.stat().st_mtime)
    lines = source.read_bytes().decode("gb18030", "surrogateescape").split("\n")
    edited = [re.sub("非普惠性民办|普惠性民办", "公办", line) if ",320102," in line else line for line in lines]
    assert edited != lines
    again = folder / source.name.replace(".csv", "_再更正.csv")
    again.write_bytes("\n".join(edited).encode("gb18030", "surrogateescape"))
    folder = changed.data / "inbox" / "civil_affairs" / "disability_subsidy_payments"
    rows = pl.read_parquet(folder / "残疾人两项补贴发放_2020年01月_模拟数据.parquet")
    is_late = rows["所属月份"].str.starts_with("2019-").fill_null(False)
    fewer = folder / "残疾人两项补贴发放_2020年01月_更正_模拟数据.parquet"
    rows.filter(~is_late).write_parquet(fewer)
    for file in (again, fewer):
        (file.parent / f"{file.name}.received").write_text("2026-06-01T00:00:00+08:00")
        changed("ingest", f"{file.parent.parent.name}/{file.parent.name}")
    return changed, changed.rebuild()["kept_recomputed"], is_late.sum()


def test_only_what_read_a_resubmission_is_recomputed(resubmitted):
    models = ("int_december_subsidies__counted", "int_disability_subsidies__counted")
    late = [f"{model} {year}" for model in models for year in (2019, 2020)]
    assert resubmitted[1] == [*late, "int_kindergarten_children__counted 2022"]
    assert "审核" in resubmitted[0]("publish", ok=False)  # the audit of the build before does not count


def test_a_resubmission_changes_only_what_depends_on_it(refreshed, resubmitted):
    """Only 2022 of indicator 3 and its target, and 2019 of the subsidies."""
    before = refreshed.data / "published" / "current" / "suheng.duckdb"
    after = resubmitted[0].data / "build" / "suheng.duckdb"
    with duckdb.connect() as con:
        con.execute(f"attach '{before}' as before (read_only); attach '{after}' as after (read_only)")
        cells = con.sql(
            "select distinct indicator, region_code, period "
            "from (from after.marts.indicator_values except from before.marts.indicator_values)"
        ).fetchall()
        progress = con.sql(
            "select distinct indicator, period "
            "from (from after.marts.target_progress except from before.marts.target_progress)"
        ).fetchall()
    regions = {"320102", "320100", "south", "320000"}
    paid = {cell for cell in cells if cell[0] == "two_subsidies_precision"}
    assert set(cells) - paid == {("inclusive_kindergarten_coverage", r, "2022") for r in regions}
    assert {period for _, _, period in paid} <= {"2019"}
    assert {p for p in progress if p[0] != "two_subsidies_precision"} == {("inclusive_kindergarten_coverage", "2022")}


def test_what_is_paid_late_counts_in_the_year_that_it_is_for(refreshed, resubmitted):
    """2019 has so many fewer, and 2020 as many as before."""
    changed, _, late = resubmitted
    paid = (
        "select period, denominator from marts.indicator_details "
        "where indicator = 'two_subsidies_precision' and detail = 'by_kind' and period <= '2021'"
    )
    before = dict(refreshed.query(paid))
    with duckdb.connect(str(changed.data / "build" / "suheng.duckdb"), read_only=True) as con:
        after = dict(con.sql(paid).fetchall())
    assert late > 0
    assert {year: before[year] - after[year] for year in before} == {"2019": late, "2020": 0, "2021": 0}


@pytest.fixture(scope="module")
def changed_project(refreshed, tmp_path_factory):
    """A project of its own on the refreshed data, in which staging has lost a column and a model uses a new
    macro. With the kept models of which something was recomputed."""
    folder = tmp_path_factory.mktemp("changed")
    project = copy_project(folder)
    staging = project / "dbt_project/models/staging/civil_affairs/stg_civil_affairs__homecare_services.sql"
    staging.write_text(staging.read_text("utf-8").replace("    fee_cny,\n", ""), "utf-8")
    write_macro(project, "census.persons")
    (model,) = (project / "dbt_project" / "models").rglob("int_census__counted.sql")
    model.write_text(model.read_text("utf-8").replace("sum(census.persons)", "sum({{ persons() }})"), "utf-8")
    suheng = type(refreshed)(refreshed.copy(folder / "data", "inbox").data, project)
    return suheng, recompute(suheng)


def write_macro(project: Path, sql: str) -> None:
    text = "{% macro persons() %}" + sql + "{% endmacro %}"
    (project / "dbt_project" / "macros" / "persons.sql").write_text(text, "utf-8")


def recompute(suheng) -> set[str]:
    """The kept models of which something was recomputed, when nothing else was built."""
    told = suheng.rebuild("--select", "+config.materialized:kept")["kept_recomputed"]
    return {line.split()[0] for line in told}


def test_changing_a_staging_model_recomputes_the_aggregates_that_read_it(changed_project):
    """With its macro the census renders to the same SQL, and is not computed again."""
    assert changed_project[1] == {"int_home_elders__counted"}


def test_changing_a_macro_recomputes_the_aggregates_that_use_it(changed_project):
    """The key covers the model, its staging models and its macros: the SQL that runs."""
    suheng, _ = changed_project
    write_macro(suheng.root, "census.persons + 0")
    assert recompute(suheng) == {"int_census__counted"}


def test_what_dbt_cannot_read_is_told_first_with_its_file(refreshed, tmp_path):
    """A night shows the first five lines."""
    project = copy_project(tmp_path)
    suheng = type(refreshed)(refreshed.copy(tmp_path / "data").data, project)
    (project / "dbt_project" / "models" / "marts" / "broken.yml").write_text("models: [", "utf-8")
    (why,) = re.findall(r"^BuildBroken (.*)", suheng("build", ok=False), flags=re.M | re.S)
    assert "没有运行完" in why
    assert "marts/broken.yml" in "".join(why.splitlines()[1:5])


def copy_project(tmp_path: Path) -> Path:
    from ingest import settings

    project = tmp_path / "project"
    for room in ("ingest", "dbt_project", "expectations", "warehouse", "sandbox", "dags"):
        shutil.copytree(
            settings.ROOT / room, project / room, ignore=shutil.ignore_patterns("__pycache__", "target", "logs")
        )
    return project


@pytest.fixture(scope="module")
def extended(refreshed, tmp_path_factory):
    """The README's walk: a made-up indicator on measures that exist, generated and built."""
    folder = tmp_path_factory.mktemp("extended")
    project = copy_project(folder)
    domain = project / "ingest" / "plan" / "2021-2025" / "elderly_care"
    known = (domain / "home_care_service_share.yaml").read_text("utf-8")
    made_up = re.sub(r"^sequence: .*$", "sequence: 36", known, flags=re.M)
    made_up = re.sub(r", line: [0-9]+", ", line: null", made_up)
    made_up = re.sub(r"^name_zh: .*$", "name_zh: 居家老年人占常住人口比重", made_up, flags=re.M)
    made_up = re.sub(r"^name_en: .*$", "name_en: Elders at home among residents", made_up, flags=re.M)
    made_up = re.sub(
        r"^formula: .*$",
        "formula: {kind: ratio, numerator: home_elders, denominator: population_year_end, factor: 100}",
        made_up,
        flags=re.M,
    )
    made_up = re.sub(r"^population_basis: .*$", "population_basis: [census_2020]", made_up, flags=re.M)
    made_up = re.sub(r"^strata: .*$", "strata_reason: 分子分母的来源不同，不宜细分", made_up, flags=re.M)
    made_up = re.sub(r"^examples:.*", "examples: []\n", made_up, flags=re.M | re.S)
    (domain / "home_elders_share.yaml").write_text(made_up, "utf-8")
    suheng = type(refreshed)(refreshed.copy(folder / "data").data, project)
    suheng("generate")
    suheng.rebuild()
    return suheng


def test_a_new_indicator_is_one_file(refreshed, extended):
    extended("audit")
    with duckdb.connect(str(extended.data / "build" / "suheng.duckdb"), read_only=True) as con:
        ((numerator, denominator, value),) = con.sql(
            "select numerator, denominator, value from marts.indicator_values where indicator = 'home_elders_share' "
            "and region_code = '320000' and period = '2023'"
        ).fetchall()
    ((elders,),) = refreshed.query(
        "select denominator from marts.indicator_values where indicator = 'home_care_service_share' "
        "and region_code = '320000' and period = '2023' and stratum = 'all'"
    )
    assert numerator == elders
    assert value == pytest.approx(100 * float(numerator) / float(denominator), rel=1e-12)
    assert 15 < value < 30
