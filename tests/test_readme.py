"""What a newcomer reads first: the README in two languages, the map in it, the licence, the workflow, the figures."""

import importlib
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from ingest import settings

ROOT = settings.ROOT
ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")


@pytest.fixture
def figures(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("figures")


def commands(text):
    """What the code blocks say, without comments, which are in the reader's language."""
    return [re.sub(r" +# .*", "", block) for block in re.findall(r"```\w*\n(.*?)```", text, re.S)]


def outline(text):
    """What stands where, whatever the language: headings, code, rows of tables, items of the map."""
    kinds = {"#": "heading", "```": "code", "| ": "row", "- [": "room", "  - [": "room within", "<!-- ": "marker"}
    return [kind for line in text.splitlines() for start, kind in kinds.items() if line.startswith(start)]


def linked(text):
    return re.findall(r"\]\(([^)]+)\)", text)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_readme_is_short_and_its_links_lead_somewhere(text):
    assert len(text.splitlines()) <= 110
    assert [link for link in linked(text) if not (ROOT / link).exists()] == []


def test_the_two_readmes_say_the_same_in_two_languages():
    assert "README.zh-CN.md" in linked(ENGLISH)
    assert "README.md" in linked(CHINESE)
    assert outline(ENGLISH) == outline(CHINESE)
    assert len(commands(ENGLISH)) == 5
    assert commands(ENGLISH) == commands(CHINESE)
    cells = [re.findall(r"^\| (`.*?) \|", text, re.M) for text in (ENGLISH, CHINESE)]
    assert cells[0] == cells[1]
    paths = [[link for link in linked(text) if not link.startswith("README")] for text in (ENGLISH, CHINESE)]
    assert paths[0] == paths[1]


def test_the_map_in_the_readme_is_the_tree():
    call = [sys.executable, ROOT / "docs" / "figures.py", "map", "--check"]
    done = subprocess.run(call, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_map_finds_a_stale_line_and_a_room_without_a_sentence(figures, tmp_path, monkeypatch):
    (tmp_path / "stale.md").write_text(ENGLISH.replace("`ingest/`", "`cellar/`"), "utf-8")
    monkeypatch.setattr(figures, "README", {"en": tmp_path / "stale.md"})
    with pytest.raises(SystemExit, match="make docs"):
        figures.main("map", "--check")
    figures.main("map")
    assert (tmp_path / "stale.md").read_text("utf-8") == ENGLISH
    there = figures.rooms.tree()
    monkeypatch.setattr(figures.rooms, "tree", lambda: [*there, type(there[0])("warehouse/cellar/wine.py")])
    with pytest.raises(SystemExit, match="warehouse/cellar"):
        figures.main("map", "--check")


def test_the_workflow_runs_the_commands_of_the_readme_and_nothing_else():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    first = commands(ENGLISH)[0].split("\n")
    assert set(runs) == set(filter(None, first)) == {"make refresh", "make test"}


def test_the_licence_is_named_where_it_is_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in text
    assert "The Suheng authors" in text
    assert all("LICENSE" in linked(readme) for readme in (ENGLISH, CHINESE))


REPORT = """<testsuites><testsuite tests="4" failures="0" errors="0" skipped="1" time="61.4">
<testcase classname="tests.ingest.test_intake" name="test_a_file[1]" time="2.5"/>
<testcase classname="tests.ingest.test_intake" name="test_a_file[2]" time="1.5"/>
<testcase classname="tests.warehouse.test_chain" name="test_the_chain" time="50.0"/>
<testcase classname="tests.test_house" name="test_sizes" time="0.01"/>
</testsuite></testsuites>"""


def test_timings_name_the_total_the_count_and_the_slowest_first(figures):
    shown = figures.timings(REPORT, 95)
    assert "95 秒（测试 61 秒" in shown[1]
    assert "4 项测试，1 项跳过" in shown[2]
    assert shown[3].split() == ["50.0", "秒", "tests/warehouse/test_chain.py", "test_the_chain"]
    assert shown[4].split() == ["4.0", "秒", "tests/ingest/test_intake.py", "test_a_file，2", "种输入"]


def test_no_figures_of_a_run_that_failed(figures):
    with pytest.raises(SystemExit, match="没有通过"):
        figures.timings(REPORT.replace('failures="0"', 'failures="1"'), 95)
    with pytest.raises(SystemExit, match="没有发布"):
        figures.refresh("     0.2 秒  ✗ 建库\n")


def test_of_a_refresh_are_shown_the_sum_of_ingest_and_the_steps_of_a_second(figures):
    said = """夜间刷新 20261128T210252
     0.2 秒  ✓ 数据集清单
    12.5 秒  ✓ 入库 health/immunization_cards：7 个文件，3,813 行，隔离 105 行（305 行/秒）
     0.5 秒  ✓ 入库 transport/bus_routes：没有文件
    41.4 秒  ✓ 建库
     0.9 秒  ✓ 发布
已发布，共 116.8 秒
"""
    assert figures.refresh(said) == [
        "```",
        "夜间刷新 20261128T210252",
        "    13.0 秒  ✓ 入库 2 个数据集",
        "    41.4 秒  ✓ 建库",
        "已发布，共 116.8 秒",
        "```",
    ]
