"""One night with one of every hostile and broken file: the rest is published, each is told, and no number leaks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import psutil  # type: ignore[import-untyped]
import pytest
from hashes import hashes
from hostile import NUMBERS, STANDARDS, lay, take_away

if TYPE_CHECKING:
    from tests.conftest import Suheng

ROUTES = "transport/bus_routes"


@dataclass(frozen=True)
class Night:
    suheng: Suheng
    before: Path
    refused: set[str]
    strays: set[str]
    output: str
    status: str
    withdrawn: str

    @property
    def receipts(self) -> list[dict]:
        return [
            json.loads(path.read_text("utf-8")) for path in self.suheng.data.glob("lake/*/*/delivery=*/receipt.json")
        ]


@pytest.fixture(scope="module")
def night(refreshed: Suheng, province: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    suheng = refreshed.copy(tmp_path_factory.mktemp("hostile") / "data", "airflow", "inbox")
    before = (suheng.data / "published" / "current").readlink()
    take_away(suheng.data, ROUTES, "2025", province)
    refused, strays = lay(suheng.data / "inbox")
    ((withdrawn,),) = refreshed.query(
        "select delivery_id from marts.deliveries where dataset = 'kindergarten_census' and period = '2022' "
        "and outcome = 'accepted'"
    )
    suheng("withdraw", withdrawn, "--by", "王五", "--note", f"{NUMBERS[0]} 有误")
    output = suheng("refresh")
    return Night(suheng, before, refused, strays, output, suheng("status"), withdrawn)


def test_the_rest_is_published(night: Night) -> None:
    assert re.search("^已发布，共", night.output, re.M)
    assert (night.suheng.data / "published" / "current").readlink() != night.before
    ((landed,),) = night.suheng.query(
        "select outcome from marts.deliveries where dataset = 'bus_routes' and period = '2025'"
    )
    assert landed == "accepted"


def test_each_is_refused_with_a_receipt_and_told_by_its_name(night: Night) -> None:
    assert len(night.refused) > 30
    written = {receipt["source_file"] for receipt in night.receipts if receipt["outcome"] == "refused"}
    assert night.refused - written == set()
    lines = night.output.splitlines()
    for name in night.refused:
        assert [line for line in lines if f"文件 {name} 已退回：" in line], name
    counted = sum(map(int, re.findall("^退回 .*等([0-9]+)项$", night.status, re.M)))  # many of a kind are one line
    assert counted + len(re.findall("^退回 .* 已退回：", night.status, re.M)) >= len(night.refused)
    reasons = {receipt["reason"] for receipt in night.receipts}
    assert reasons > {"unknown_name", "unknown_time", "future_period", "too_large", "unreadable", "header_mismatch"}
    assert "our_fault" not in reasons


def test_what_is_no_file_to_take_in_is_told_and_left(night: Night) -> None:
    for name in night.strays:
        shown = f"{re.escape(name)}(（名称里的 9 .*?）)?："
        assert re.search(f"^{shown}.*没有", night.output, re.M) or "received" in name, name
        assert re.search(f"没有接收 {shown}", night.status), name
    passwd = Path("/etc/passwd").read_bytes().splitlines()[0]
    assert not any(passwd in path.read_bytes() for path in night.suheng.data.glob("[lr]e*/**/*") if path.is_file())


def test_no_number_is_in_what_is_written_or_said(night: Night) -> None:
    forms = [number.replace(" ", "") for number in NUMBERS] + [NUMBERS[1].translate(str.maketrans("０１２５", "0125"))]
    sought = [form.encode(encoding) for form in forms for encoding in ("utf-8", "gb18030")]
    said = f"{night.output}{night.status}"
    assert not any(form in said for form in (*forms, *NUMBERS))
    rooms = [path for path in night.suheng.data.iterdir() if path.name not in ("inbox", "refused")]
    files = [path for room in rooms for path in ([room] if room.is_file() else room.rglob("*")) if path.is_file()]
    assert len(files) > 1000
    for path in files:
        content = f"{path.relative_to(night.suheng.data)}\n".encode() + path.read_bytes()
        assert not any(number in content for number in sought), path
    names = night.suheng.query("select source_file, dataset, period from marts.deliveries where outcome = 'refused'")
    assert not any("9" * 15 in name for name, *_ in names)
    assert sum(bool(re.fullmatch("homecare_services_(2025-09_)?[0-9a-f]{16}", name)) for name, *_ in names) == 3


def test_the_night_stays_within_its_memory(night: Night) -> None:
    (peak,) = re.findall("峰值内存 ([0-9]+) MB", night.output)
    assert int(peak) < 2000


def test_a_withdrawn_delivery_counts_no_more_and_the_older_one_counts_again(night: Night) -> None:
    found = night.suheng.query(
        "select delivery_id, outcome, message_zh from marts.deliveries "
        "where dataset = 'kindergarten_census' and period = '2022' and outcome <> 'refused' order by outcome"
    )
    (older, _, _), (own, _, message) = found
    assert [row[1] for row in found] == ["accepted", "withdrawn"]
    assert (own, message) == (night.withdrawn, "已撤回：999999999999999999 有误")
    with duckdb.connect() as con:
        folder = night.suheng.data / "lake" / "education" / "kindergarten_census" / f"delivery={older}"
        ((children,),) = con.sql(
            f"select sum(enrol_age3 + enrol_age4 + enrol_age5 + enrol_6plus) from '{folder}/data.parquet'"
        ).fetchall()
    ((counted,),) = night.suheng.query(
        "select denominator from marts.indicator_values where indicator = 'inclusive_kindergarten_coverage' "
        "and region_code = '320000' and period = '2022' and stratum = 'all'"
    )
    assert counted == children
    assert f"撤回 education/kindergarten_census 2022 的交付 {own}，由 王五：999999999999999999 有误" in night.status
    report = (night.suheng.data / "published" / "current" / "quality.html").read_text("utf-8")
    assert "已撤回：999999999999999999 有误" in report


def reading(parent: int) -> list[psutil.Process]:
    """The processes that read files for it."""
    return [child for child in psutil.Process(parent).children() if "ingest.reading.worker" in child.cmdline()]


def test_a_machine_that_went_off_while_a_file_was_read_begins_again_as_if_nothing_had_been(
    refreshed: Suheng, province: Path, tmp_path: Path
) -> None:
    """The reading process is held in the middle of a file, its parent is killed; the next one starts on no cache."""
    suheng = type(refreshed)(tmp_path / "data")
    shutil.copytree(province / STANDARDS, suheng.data / "inbox" / STANDARDS)
    shutil.copy2(province / "模拟数据.json", suheng.data / "inbox")
    call = [sys.executable, "-m", "warehouse.cli", "ingest", STANDARDS]
    with subprocess.Popen(call, cwd=suheng.root, env=suheng.environment, stdout=subprocess.DEVNULL) as ours:
        while not (readers := reading(ours.pid)):
            assert ours.poll() is None
            time.sleep(0.01)
        (reader,) = readers
        reader.suspend()
        ours.kill()
    reader.resume()
    psutil.wait_procs([reader], timeout=10)
    assert not reader.is_running()
    said = suheng("ingest", STANDARDS)
    assert f"✓ 入库 {STANDARDS}：7 个文件" in said
    assert hashes(suheng.data, f"lake/{STANDARDS}") == hashes(refreshed.data, f"lake/{STANDARDS}")
    assert "没有新的文件" in suheng("ingest", STANDARDS)
