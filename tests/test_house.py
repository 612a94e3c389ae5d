"""The house rules, kept executable over dbt's manifest, the contracts, the plan and the tree."""

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from ingest import settings
from ingest.promises import generate
from ingest.promises.contract import read_contracts
from ingest.promises.counted import read_counted
from ingest.promises.plan import read_plan
from warehouse.building import mart
from warehouse.cli import app

ROOT = settings.ROOT
DBT = ROOT / "dbt_project"
PACKAGES = ("ingest", "expectations", "warehouse", "sandbox")


def committed(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    target = tmp_path_factory.mktemp("parse")
    environment = os.environ | {"SUHENG_DATA": str(target)}
    call = [sys.executable, "-m", "dbt.cli.main", "parse", "--project-dir", DBT, "--profiles-dir", DBT]
    done = subprocess.run(
        [*map(str, call), "--target-path", str(target), "--log-path", str(target)],
        env=environment, cwd=DBT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return json.loads((target / "manifest.json").read_text("utf-8"))


def models(manifest):
    return [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]


def test_only_staging_reads_sources(manifest):
    readers = {m["name"] for m in models(manifest) if any(d.startswith("source.") for d in m["depends_on"]["nodes"])}
    # staged from the divisions' own staging model
    of_divisions = {f"stg_statistics__{name}" for name in ("areas", "successions", "townships")}
    assert readers == {m["name"] for m in models(manifest) if m["name"].startswith("stg_")} - of_divisions


def test_every_model_has_a_description_and_opens_with_its_grain(manifest):
    for model in models(manifest):
        assert model["description"], f"{model['name']} has no description"
        assert re.search(r"^(--|#) (one row per|exactly one row)", model["raw_code"], re.M), (
            f"{model['name']}: no grain"
        )


def test_beside_every_model_stands_a_file_of_its_own_that_describes_it(manifest):
    """A new extract touches no file that is there already."""
    for model in models(manifest):
        own = Path(model["original_file_path"]).with_suffix(".yml")
        assert model["patch_path"] == f"suheng://{own}", model["name"]


def test_the_files_that_describe_and_test_models_are_of_readable_length():
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in committed("dbt_project/*.yml")}
    assert {str(path.relative_to(DBT)): n for path, n in lines.items() if n > 230} == {}


def test_the_union_of_measures_takes_every_kept_model_each_with_the_measures_that_it_counts(manifest):
    kept = {m["unique_id"]: m for m in models(manifest) if m["config"]["materialized"] == "kept"}
    (union,) = (m for m in models(manifest) if m["name"] == "int_measures")
    assert set(union["depends_on"]["nodes"]) == kept.keys()
    assert {m["name"]: tuple(m["config"]["meta"]["measures"]) for m in kept.values()} == {
        counted.model: counted.measures for counted in read_counted()
    }


def test_every_model_has_a_tested_key(manifest):
    tested = {
        dependency
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
        and test.get("test_metadata", {}).get("name") in ("unique", "unique_key", "not_null")
        for dependency in test["depends_on"]["nodes"]
    }
    marts_by_gate = {
        "indicator_values",
        "indicator_details",
        "target_progress",
        "regions",
        "service_levels",
        "quality_results",
        "release",
    }
    untested = {m["name"] for m in models(manifest) if m["unique_id"] not in tested} - marts_by_gate
    assert untested == set()
    # the keys of these marts are rules of the gate, which sees the publication as a whole
    rules = {p.parent.name for p in (ROOT / "expectations" / "rules").glob("*/*key*.sql")}
    assert marts_by_gate - {"quality_results", "release"} <= {r.removeprefix("marts.") for r in rules}


def test_every_mart_declares_its_key_and_no_part_of_it_may_be_empty(manifest):
    """The gate's rule of the key groups by the same columns."""
    marts = {m["name"]: m for m in models(manifest) if m["path"].startswith("marts/")}
    assert mart.keys().keys() == marts.keys()
    for table, key in mart.keys().items():
        columns = marts[table]["columns"]
        assert all("not_null" in {c["type"] for c in columns[name]["constraints"]} for name in key), table
        rule = ROOT / "expectations" / "rules" / table / "key.sql"
        grouped = re.search(r"group by ([\w, ]+?)\s*having", rule.read_text("utf-8")) if rule.exists() else None
        assert not grouped or grouped[1].split(", ") == key, table


def test_what_a_mart_and_its_columns_are_is_said_in_chinese_and_then_in_english(manifest):
    """Tools for BI show it."""
    marts = [m for m in models(manifest) if m["path"].startswith("marts/")]
    for said in (named["description"] for m in marts for named in (m, *m["columns"].values())):
        assert re.fullmatch(r"[^·]*[\u4e00-\u9fff][^·]* · [A-Z0-9][^\u4e00-\u9fff·]*", said), said


def test_every_contract_has_a_staging_model():
    for name in read_contracts():
        department, dataset = name.split("/")
        model = DBT / "models" / "staging" / department / f"stg_{department}__{dataset}.sql"
        assert model.exists(), f"{model.relative_to(ROOT)}: a contract has a staging model of its name"


def test_generated_files_are_current():
    assert generate.check() == []


def test_a_formula_names_only_counted_measures_or_none_that_is_counted(manifest):
    counted = {m for model in models(manifest) for m in model["config"]["meta"].get("measures", {})}
    computed = set()
    for indicator in read_plan(settings.PLAN).indicators:
        named = list(indicator.measures.values())
        readings = {detail.get(role) for detail in indicator.details.values() for role in ("numerator", "denominator")}
        if named and named[0] in counted:
            missing = {*named, *readings - {None}} - counted
            assert not missing, f"{indicator.indicator}: {missing} is counted by no model"
            computed.add(indicator.sequence)
    assert {n for n in computed if n <= 35} == {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 15, 17, 18, 20, 23, 26, 27, 28}


def test_a_measure_of_persons_or_of_what_each_belongs_to_a_person_is_declared_so(manifest):
    """Small ones are hidden: persons, their months, their doses."""
    for meta in (model["config"]["meta"] for model in models(manifest)):
        measures = meta.get("measures", {})
        of_persons = {name for name, said in measures.items() if re.search(r"（(人|人月|剂)）", said)}
        assert set(meta.get("of_persons", [])) == of_persons, measures


def test_where_one_person_may_count_more_than_once_the_persons_are_counted_beside(manifest):
    """What is guarded are persons: of doses and months of each side, and of what is left between the two."""
    metas = [model["config"]["meta"] for model in models(manifest)]
    said = {measure: (unit, meta) for meta in metas for measure, unit in meta.get("measures", {}).items()}
    for indicator in read_plan(settings.PLAN).indicators:
        under = indicator.measures.get("denominator") or indicator.measures.get("paid")
        unit, meta = said.get(under, ("", {}))
        if (indicator.strata or indicator.sensitive) and re.search(r"（(人月|剂)）", unit):
            persons = meta["persons"][under]
            assert persons.keys() == {"numerator", "denominator", "remainder"}, under
            assert all(said[measure][0].endswith("（人）") for measure in persons.values()), under


def sources(manifest, node):
    """dataset names of all that a node is made from."""
    above = manifest["parent_map"].get(node, [])
    own = {"/".join(n.split(".")[2:]) for n in above if n.startswith("source.")}
    return own.union(*(sources(manifest, n) for n in above))


def test_a_model_says_by_which_fields_it_tells_the_strata_that_it_melts(manifest):
    contracts = read_contracts()
    for model in models(manifest):
        last = re.findall(r"melt\(.*\[([^\]]*)\]\)", model["raw_code"])
        melted = {block for block in ("area", "residence") for columns in last if f"'{block}'" in columns}
        fields = model["config"]["meta"].get("strata", {})
        assert fields.keys() == melted, model["name"]
        for dataset, column in (field.split(".") for field in fields.values()):
            assert dataset in sources(manifest, model["unique_id"]), (model["name"], dataset)
            assert column in {c.name for c in contracts[dataset].columns}, (dataset, column)


def test_the_plan_has_35_indicators_in_13_domains():
    own = [i for i in read_plan(settings.PLAN).indicators if i.sequence <= 35]
    assert len(own) == 35
    assert len({i.domain for i in own}) == 13


def test_every_table_of_a_publication_is_in_the_readme(manifest):
    marts = [m["name"] for m in models(manifest) if m["path"].startswith("marts/")]
    for name, section in {"README.md": "## Query", "README.zh-CN.md": "## 查询"}.items():
        listed = (ROOT / name).read_text("utf-8").split(section)[1]
        assert [mart for mart in marts if f"`{mart}`" not in listed] == []


def test_the_picture_of_the_architecture_is_drawn_from_the_present_code(manifest, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    architecture = importlib.import_module("picture.architecture")
    drawn = architecture.draw(manifest)
    assert drawn == architecture.draw(manifest)
    assert drawn == (ROOT / "docs" / "architecture.svg").read_text("utf-8"), "make docs"


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    reasons = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    for requirement in named:
        name = re.split(r"[ ~=<>]", requirement)[0]
        assert f"| {name} |" in reasons, f"{name} has no reason in docs/dependencies.md"


def test_a_wheel_would_hold_every_file_of_the_packages():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    held: set[Path] = set()
    rooms = [name.rstrip("*") for name in setup["packages"]["find"]["include"]]
    for package in (path.parent for room in rooms for path in (ROOT / room).rglob("__init__.py")):
        own = setup["package-data"].get(".".join(package.relative_to(ROOT).parts), [])
        held |= {path for pattern in ("*.py", *setup["package-data"]["*"], *own) for path in package.glob(pattern)}
    assert [path for path in committed(*rooms) if path not in held] == []


def test_every_command_is_documented():
    listed = (ROOT / "docs" / "commands.md").read_text("utf-8")
    commands = [command.callback.__name__ for command in app.registered_commands]
    assert len(commands) > 10
    assert [name for name in commands if f"`suheng {name}" not in listed] == []


def test_every_make_target_is_documented():
    listed = (ROOT / "docs" / "commands.md").read_text("utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert [target for target in targets.split() if not re.search(rf"`make {target}\b", listed)] == []


def test_every_setting_is_documented():
    used = set()
    for path in committed("*.py", "*.sql", "*.yml", "*.sh", "Makefile", "Dockerfile"):
        if "tests/" not in str(path.relative_to(ROOT)):
            used |= set(re.findall(r"SUHENG_[A-Z_]+", path.read_text("utf-8")))
    listed = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert [name for name in sorted(used) if name not in listed] == []


def test_files_keep_their_size():
    limits = {"*.py": 200, "dbt_project/models/*.sql": 140, "ingest/plan/*.yaml": 45, "ingest/contracts/*.yaml": 80}
    for pattern, limit in limits.items():
        for path in committed(pattern):
            if path.is_relative_to(ROOT / "tests"):
                continue
            lines = len(path.read_text("utf-8").splitlines())
            assert lines <= limit, f"{path.relative_to(ROOT)} has {lines} lines, over {limit}: find the missing concept"


def test_no_room_is_crowded():
    """A folder of ours holds at most 15 modules or models: whoever looks for a line reads their names at once."""
    for pattern in ("*.py", "dbt_project/models/*.sql"):
        rooms = Counter(path.parent for path in committed(pattern) if path.name != "__init__.py")
        crowded = {str(room.relative_to(ROOT)): count for room, count in rooms.items() if count > 15}
        assert crowded == {}, f"{crowded}: find what belongs together"


def test_every_package_says_in_one_sentence_what_it_is_for():
    """In English, and in Chinese for the map of the Chinese README."""
    packages = {path.parent for path in committed("*.py") if path.relative_to(ROOT).parts[0] in PACKAGES}
    for package in packages:
        said = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or ""
        is_said = re.fullmatch(r"[^\n]+\.(\n\n[^\n]+。)?", said)
        assert is_said, f"{package.relative_to(ROOT)}/__init__.py: one sentence is expected"


def test_no_module_has_a_name_that_says_nothing():
    vague = {"utils", "util", "helpers", "helper", "base", "common", "manager", "misc"}
    assert [path for path in committed("*.py") if path.stem in vague] == []


def test_nothing_names_a_machine_or_a_registry():
    texts = (
        "*.py",
        "*.sql",
        "*.yml",
        "*.yaml",
        "*.md",
        "*.toml",
        "*.lock",
        "Makefile",
        "Dockerfile",
        ".ci/*",
        "docker/*",
    )
    for path in committed(*texts):
        if path == Path(__file__):
            continue
        text = path.read_text("utf-8")
        assert not re.search(r"/work/|/root/|files\.pythonhosted|--index-url|--extra-index", text), path
