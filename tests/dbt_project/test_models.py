"""dbt's own unit tests: the worked examples of the plan's indicators, and the edges of what is counted."""

import json
import re

import yaml

from ingest import settings
from ingest.promises.contract import read_contracts
from ingest.promises.plan import read_plan
from warehouse.building import build
from warehouse.building.fingerprint import content_hash


def unit_tests():
    files = (settings.ROOT / "dbt_project" / "models").rglob("*.yml")
    return [test for path in files for test in yaml.safe_load(path.read_text("utf-8")).get("unit_tests", [])]


def test_from_an_empty_lake_on_four_threads_every_test_passes_and_the_content_is_the_same(
    refreshed, tmp_path, monkeypatch
):
    copy = refreshed.copy(tmp_path / "data", "airflow", "build", "published", "kept.duckdb", "lake")
    copy("ingest")
    for name, value in (copy.environment | {"SUHENG_THREADS": "4"}).items():
        monkeypatch.setenv(name, value)
    facts = build.build("test", "--exclude-resource-type", "seed")
    written = [test["name"] for test in unit_tests()]
    log = (copy.data / "logs" / "dbt.txt").read_text("utf-8")
    passed = re.findall(r"PASS \w+::(\w+)", log)
    assert sorted(passed) == sorted(written)
    of_sources = len(re.findall(r"PASS source_", log))
    required = sum(len(contract.filled) for contract in read_contracts().values())
    assert of_sources >= required + len(read_contracts())  # not_null of each, and a unique key
    assert facts["tests"] > of_sources + len(written)  # those of models, too
    release = json.loads((refreshed.data / "published" / "current" / "release.json").read_text("utf-8"))
    assert content_hash(build.snapshot()) == release["content_hash"]


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
