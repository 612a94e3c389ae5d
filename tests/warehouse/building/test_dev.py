"""A developer's dbt runs beside what is built and published, and knows what differs from it."""

import hashlib
import json
import re

import pytest

EXAMPLE = "int_ratios__computed.nursing_bed_share__beds_of_which_none_is_for_nursing_are_zero_percent"


@pytest.fixture(scope="module")
def suheng(refreshed, tmp_path_factory):
    return refreshed.copy(tmp_path_factory.mktemp("dev") / "data", "airflow", "inbox", "refused", "outbox")


def files(suheng):
    paths = (path for room in ("build", "published", "lake") for path in (suheng.data / room).rglob("*"))
    found = [*(path for path in paths if path.is_file()), suheng.data / "kept.duckdb"]
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_what_differs_from_the_published_code_is_built_in_the_scratch_folder_and_nowhere_else(suheng):
    """Nothing differs; the board is asked for by its name."""
    before = files(suheng)
    said = suheng("dev", "--", "build", "--select", "state:modified", "board", "--exclude-resource-type", "unit_test")
    assert re.findall(r"START sql \w+ model (\S+)", said) == ["suheng.marts.board"]
    assert files(suheng) == before


def test_a_build_runs_the_worked_examples_that_differ_and_no_others(suheng):
    path = suheng.data / "published" / "current" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["unit_tests"][f"unit_test.suheng.{EXAMPLE}"]["checksum"] = "as it was before"
    board = manifest["nodes"]["model.suheng.board"]  # a column of another type is no reason to stop
    board["contract"]["checksum"] = "as it was before"
    board["columns"]["sequence"]["data_type"] = "double"
    path.chmod(0o644)
    path.write_text(json.dumps(manifest), "utf-8")
    said = suheng("dev", "--", "ls", "--quiet", "--selector", "changed")
    run = re.findall(r"^unit_test:suheng\.(.*)", said, re.M)
    assert [name for name in run if "board" not in name] == [EXAMPLE.split(".")[1]]
    assert "suheng.marts.board" in said
    assert "source_unique_key" not in said
