"""Each question of docs/questions.md is answered by the one command below it."""

import re
import shlex
import shutil

import duckdb
import pytest
from typer.testing import CliRunner

from ingest import settings
from warehouse.cli import app

QUESTIONS = re.findall(
    r"^## (\d+)\. .*?```\n(suheng .*?)\n```", (settings.ROOT / "docs" / "questions.md").read_text("utf-8"), re.M | re.S
)
ANSWERS = {  # what must be in it
    "1": "required_path",
    "2": "from_city",
    "3": "没有更早的发布",
    "4": "省统计局",
    "5": "gap",
    "7": "序时要求值",
    "8": "省民政厅",
    "9": "护理型床位数占养老机构床位数比率（%）",
    "10": "未备案的机构",
}


@pytest.fixture
def ask(monkeypatch):
    def ask(command: str, suheng) -> str:
        monkeypatch.setenv("SUHENG_DATA", str(suheng.data))
        monkeypatch.setenv("COLUMNS", "500")
        done = CliRunner().invoke(app, shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
        return done.output

    return ask


def test_there_are_ten_questions():
    assert [number for number, _ in QUESTIONS] == [str(n) for n in range(1, 11)]


@pytest.mark.parametrize(("number", "command"), QUESTIONS, ids=[number for number, _ in QUESTIONS])
def test_a_question_is_answered_by_one_command(refreshed, ask, tmp_path, monkeypatch, number, command):
    monkeypatch.chdir(tmp_path)
    said = ask(command, refreshed)
    if number == "6":
        assert (tmp_path / "board.xlsx").stat().st_size > 100_000
    else:
        assert ANSWERS[number] in said
        assert number == "3" or len(said.splitlines()) > 1


def test_the_worst_city_is_the_one_with_the_lowest_share_and_its_counties_follow(refreshed, ask):
    worst = refreshed.query(
        "select r.name_zh, v.value_rounded from marts.indicator_values v join marts.regions r using (region_code) "
        "where indicator = 'nursing_bed_share' and period = '2023' and level = 'city' and stratum = 'all' order by 2"
    )[0]
    _, first, *counties = ask(dict(QUESTIONS)["2"], refreshed).splitlines()
    assert first.split()[0] == worst[0]
    assert f" {worst[1]} " in first
    assert len(counties) > 3


def test_what_changed_since_the_version_before_is_told_value_by_value(refreshed, tmp_path, ask):
    suheng = refreshed.copy(tmp_path / "data", "airflow", "inbox", "refused", "outbox", "lake", "build")
    (version,) = (suheng.data / "published" / "versions").iterdir()
    older = shutil.copytree(version, version.with_name("20200101T000000Z-00000000")) / "suheng.duckdb"
    older.chmod(0o644)
    with duckdb.connect(str(older)) as con:
        con.execute("delete from marts.deliveries where dataset = 'households' and period = '2024'")
        con.execute(
            "update marts.indicator_values set value_rounded = 1.5, status = 'missing' "
            "where indicator = 'nursing_bed_share' and region_code = '320100' and period = '2023' and is_headline"
        )
    said = ask("suheng diff", suheng)
    assert "1 个值或状态不同" in said
    assert re.search(r"nursing_bed_share .*南京市 .*2023 .*1\.5000 .*missing .*reported", said)
    assert re.search(r"statistics +households +2024", said)
