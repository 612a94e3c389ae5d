"""dbt's own unit tests: the worked examples of the plan's indicators, and the edges of what is counted."""

import json
import re
import shutil

import pytest
import yaml
from kept import forget

from ingest import settings
from ingest.promises.contract import read_contracts
from ingest.promises.plan import read_plan
from warehouse.building import build
from warehouse.building.fingerprint import content_hash
from warehouse.building.lock import writing

ROOM = "models/intermediate"
EXAMPLES, COUNTED = f"{ROOM}/values/examples", f"{ROOM}/counted"
YOUNG = [f"{EXAMPLES}/early_childhood", f"{EXAMPLES}/education"]
PARTS = {  # of the unit tests, none of which takes long
    "examples of children and schools": (YOUNG, []),
    "other examples": ([EXAMPLES], YOUNG),
    "what is counted": ([COUNTED], []),
    "what is computed": (["models"], [EXAMPLES, COUNTED]),
}


def unit_tests():
    """Each with the place of its file in the project."""
    project = settings.ROOT / "dbt_project"
    for path in (project / "models").rglob("*.yml"):
        for test in yaml.safe_load(path.read_text("utf-8")).get("unit_tests", []):
            yield test | {"place": str(path.relative_to(project))}


@pytest.mark.soak
def test_from_an_empty_lake_the_content_is_the_same(refreshed, tmp_path, monkeypatch):
    copy = refreshed.copy(tmp_path / "data", "airflow", "build", "published", "kept.duckdb", "lake")
    copy("ingest")
    monkeypatch.setenv("SUHENG_DATA", str(copy.data))
    build.build("test")
    assert content_hash(build.snapshot()) == published(refreshed)


def published(suheng) -> str:
    release = json.loads((suheng.data / "published" / "current" / "release.json").read_text("utf-8"))
    return release["content_hash"]


def test_four_threads_give_the_same_content(refreshed, tmp_path, monkeypatch):
    copy = refreshed.copy(tmp_path / "data", "airflow", "build", "published", "inbox")
    for year in ("2010", "2020", "2022", "2025"):
        forget(copy.data / "kept.duckdb", year)
    monkeypatch.setenv("SUHENG_DATA", str(copy.data))
    monkeypatch.setenv("SUHENG_THREADS", "4")
    build.build("test", "--exclude-resource-type", "test", "unit_test")
    assert content_hash(build.snapshot()) == published(refreshed)


def run_tests(refreshed, folder, monkeypatch, *selection: str) -> str:
    """Let dbt's tests run on what a night has built, those of the sources and of the code, too, which a night leaves
    out; returns what dbt said."""
    copy = refreshed.copy(folder / "data", "airflow", "inbox", "refused", "outbox")
    shutil.copyfile(copy.data / "published" / "current" / "suheng.duckdb", copy.data / "build" / "suheng.duckdb")
    monkeypatch.setenv("SUHENG_DATA", str(copy.data))
    with writing() as lock:
        build.run_dbt(lock, "test", *selection)
    return (copy.data / "logs" / "dbt.txt").read_text("utf-8")


def test_what_contracts_and_models_promise_of_the_data_holds(refreshed, tmp_path, monkeypatch):
    said = run_tests(refreshed, tmp_path, monkeypatch, "--select", "test_type:data")
    of_sources = len(re.findall(r"PASS source_", said))
    required = sum(len(contract.filled) for contract in read_contracts().values())
    assert of_sources >= required + len(read_contracts())  # not_null of each, and a unique key
    assert len(re.findall(r"PASS ", said)) > of_sources + 90  # those of models, too


@pytest.mark.parametrize("part", PARTS)
def test_every_unit_test_passes(refreshed, tmp_path, monkeypatch, part):
    within, without = PARTS[part]
    written = [test["name"] for test in unit_tests() if is_in(test, within, without)]
    choice = ["--select", *(f"path:{place}" for place in within)]
    choice += ["--exclude", *(f"path:{place}" for place in without)] if without else []
    said = run_tests(refreshed, tmp_path, monkeypatch, *choice, "--exclude-resource-type", "test")
    assert sorted(re.findall(r"PASS \w+::(\w+)", said)) == sorted(written)
    assert len(written) > 15


def test_every_unit_test_is_in_one_part():
    for test in unit_tests():
        assert sum(is_in(test, within, without) for within, without in PARTS.values()) == 1, test["place"]


def is_in(test: dict, within: list[str], without: list[str]) -> bool:
    return test["place"].startswith(tuple(within)) and not test["place"].startswith(tuple(without))


def test_every_computed_indicator_has_worked_examples(refreshed):
    computed = {i for (i,) in refreshed.query("select indicator from marts.indicators where datasets is not null")}
    # a life table is too large for the plan's file: its worked ones are unit tests of the model
    tabled = any(test["model"] == "int_life_tables__computed" for test in unit_tests())
    shown = {
        i.indicator
        for i in read_plan(settings.PLAN).indicators
        if i.examples or (i.formula_kind == "life_table" and tabled)
    }
    assert computed <= shown
