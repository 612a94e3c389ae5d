"""The README's two walks, followed to the letter on a copy of the project."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from ingest import settings

ROOT = settings.ROOT
TEXT = (ROOT / "README.md").read_text("utf-8")
INDICATOR, EXTRACT = re.findall(r"^- \*\*.*", TEXT.split("## Two walks")[1].split("## ")[0], re.M)
QUICK = [
    *("tests/ingest/promises/test_plan.py", "tests/test_house.py"),
    *("-k", "not any_text and not picture and not map"),
]


def spans(walk):
    return re.findall(r"`([^`]+)`", walk)


def said(walk, start):
    """The one code span that begins so, its placeholders filled."""
    (found,) = (span for span in spans(walk) if span.startswith(start))
    named = {"domain": "elderly_care", "indicator": "second_nursing_bed_share", "things": "dwellings"}
    named |= {"department": "statistics", "dataset": "dwellings"}
    return re.sub(r"<(\w+)>", lambda name: named[name[1]], found)


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A copy of what is or would be committed, after both walks."""
    copy = tmp_path_factory.mktemp("walked") / "suheng"
    call = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    for git in ("init -q", "add -A"):
        subprocess.run(["git", *git.split()], cwd=copy, check=True)
    add_indicator(copy)
    add_extract(copy)
    run(copy, "-m", "warehouse.cli", "generate")
    run(copy, "docs/figures.py", "map")
    return copy


def run(copy, *call):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SUHENG_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, *call],
        cwd=copy, env=kept | {"PYTHONPATH": str(copy)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def add_indicator(copy):
    path = copy / said(INDICATOR, "ingest/plan/")
    text = (path.parent / "nursing_bed_share.yaml").read_text("utf-8")
    names = {"name_zh": "护理型床位占比（另算）", "name_en": "Second share of nursing-type beds"}
    keys = dict(span.split(": ", 1) for span in spans(INDICATOR) if ": " in span)
    for key, value in {**names, **keys}.items():
        text, found = re.subn(rf"^{key}: .*", f"{key}: {value}", text, flags=re.M)
        assert found == 1, key
    path.write_text(text, "utf-8")


def add_extract(copy):
    """Like the households, under names of its own."""
    room = "dbt_project/models/intermediate/counted/statistics"
    staging = "dbt_project/models/staging/statistics/stg_statistics__households"
    like = {
        "ingest/contracts/statistics/households.yaml": said(EXTRACT, "ingest/contracts/"),
        **{f"{staging}.{end}": f"{staging.replace('households', 'dwellings')}.{end}" for end in ("sql", "yml")},
        f"{room}/int_households__counted.sql": f"{room}/{said(EXTRACT, 'int_')}",
        f"{room}/int_households__counted.yml": f"{room}/{said(EXTRACT, 'int_')}".replace(".sql", ".yml"),
    }
    for source, to in like.items():
        text = (copy / source).read_text("utf-8").replace("households", "dwellings").replace("家庭户数", "住房套数")
        if text.startswith("version: 2") and "meta:" in text:  # no indicator reads what is counted here
            meta = yaml.safe_load(text)["models"][0]["config"]["meta"]
            besides = f"besides: {{{', '.join(f'{measure}: 供核对' for measure in meta['measures'])}}}"
            text = re.sub(r"besides: .*", besides, text)
        (copy / to).write_text(text, "utf-8")


def test_the_two_readmes_tell_the_same_walks():
    chinese = (ROOT / "README.zh-CN.md").read_text("utf-8").split("## 两种常做的修改")[1].split("## ")[0]
    told = [{re.sub(r"<[^>]+>", "<>", span) for span in spans(walks)} for walks in (chinese, INDICATOR + EXTRACT)]
    assert told[0] == told[1]


def test_after_both_walks_nothing_is_stale_and_the_house_stands(walked):
    assert run(walked, "-m", "warehouse.cli", "generate", "--check") == ""
    added = subprocess.run(["git", "status", "--short"], cwd=walked, check=True, capture_output=True, text=True).stdout
    shared = re.findall(r"^ M (.*)", added, re.M)
    generated = ("_sources.yml", "int_measures.sql", "strata.md", "README.md", "README.zh-CN.md")
    assert [name for name in shared if not name.endswith(generated)] == []
    run(walked, "-m", "pytest", "-n0", *QUICK)


@pytest.mark.soak
def test_after_both_walks_all_tests_pass(walked):
    run(walked, "docs/figures.py", "picture")
    run(walked, "-m", "pytest", "--deselect", "tests/test_walks.py")
