"""Killed before any single step: a publication, or a delivery, is there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from itertools import count
from pathlib import Path

import duckdb
from hashes import hashes
from soak import STRIDE

from ingest import settings
from ingest.intake import ingest, withdraw
from ingest.landing.receipt import read_receipts
from warehouse.building.build import snapshot
from warehouse.releases import approval, channel
from warehouse.releases import publish as publication

PARTS = {"suheng.duckdb", "release.json", "manifest.json", "quality.html", "data_docs/indicators.html"} | {
    f"parquet/{table}.parquet" for table in ("deliveries", "indicator_values", "indicators", "release")
}


def run_of(version: Path) -> str:
    """The run that made a version, after checking that the version is whole."""
    release = json.loads((version / "release.json").read_text("utf-8"))
    assert hashlib.sha256((version / "suheng.duckdb").read_bytes()).hexdigest() == release["sha256"]
    with duckdb.connect(str(version / "suheng.duckdb"), read_only=True) as con:
        said = con.sql("select version, run, content_hash from marts.release").fetchall()
    assert said == [tuple(release[key] for key in ("version", "run", "content_hash"))]
    return release["run"]


def test_a_publication_killed_before_any_step_is_made_good_by_the_next(lay, killed):
    """Until then readers see the one before, or this one whole; no version is ever half there."""
    published, current = settings.published(), settings.published() / "current"
    lay(0)
    seen = {publication.publish("run 0")["run"]}
    built = 0  # again, since killed after the last file was in place; otherwise the same build is published
    for step in count(1, STRIDE):
        if not snapshot().exists():
            built += 1
            lay(step)
        if not killed(step, "publish", f"run {step}"):
            break
        for version in (published / "versions").iterdir():
            files = [p for p in version.rglob("*") if p.is_file()]
            assert {p.relative_to(version).as_posix() for p in files} == PARTS
            assert {p.stat().st_mode & 0o777 for p in files} == {0o444}
        run = run_of(current.resolve())
        assert run in seen or (run == f"run {step}" and not snapshot().exists())
        seen = {run}
    assert step > 50
    assert built > 10 / STRIDE
    assert run_of(current.resolve()) == f"run {step}"
    assert sorted(p.name for p in published.iterdir()) == ["candidates", "current", "preview", "versions"]
    assert list((published / "candidates").iterdir()) == []
    assert len(list((published / "versions").iterdir())) == channel.KEPT_VERSIONS


def test_an_approved_candidate_killed_before_any_step_goes_out_by_the_next(lay, killed, monkeypatch):
    current = settings.published() / "current"
    lay(0)
    publication.publish("run 0")
    monkeypatch.setenv("SUHENG_REQUIRE_APPROVAL", "1")
    for step in count(1, STRIDE):
        lay(step)
        version = publication.publish(f"run {step}")["version"]
        approval.decide(version, "approved", "张处长", "")
        before = run_of(current.resolve())
        if not killed(step, "promote"):
            break
        assert run_of(current.resolve()) in (before, f"run {step}")
        approval.promote()
        assert run_of(current.resolve()) == f"run {step}"
        assert run_of((settings.published() / "preview").resolve()) == f"run {step}"
        assert list((settings.published() / "candidates").iterdir()) == []
    assert step > 40
    assert run_of(current.resolve()) == f"run {step}"


def tree() -> dict[str, str]:
    return hashes(settings.data(), "lake", "refused")


def test_a_delivery_killed_before_any_step_is_taken_in_by_the_next(province, killed):
    """Of two files that are good and one that is refused; nothing is lost or doubled, and no draft is left."""
    dataset = "transport/county_adjacency"
    settings.inbox().joinpath(dataset).mkdir(parents=True)
    for year in ("2019", "2020"):
        (source,) = (province / dataset).glob(f"*{year}*")
        shutil.copy2(source, settings.inbox() / dataset)
    shutil.copy2(source, settings.inbox() / dataset / "无名_模拟数据.csv")
    assert not killed(0, "ingest", dataset)
    expected = tree()
    assert sum(name.endswith("receipt.json") for name in expected) == 3
    for step in count(1, STRIDE):
        shutil.rmtree(settings.lake())
        shutil.rmtree(settings.refused(), ignore_errors=True)
        if not killed(step, "ingest", dataset):
            break
        landed = {n: h for n, h in tree().items() if "/delivery=" in n}  # what readers of the lake see
        assert landed.items() <= expected.items()
        for folder in {Path(name).parent for name in landed}:
            assert {n for n in landed if Path(n).parent == folder} == {n for n in expected if Path(n).parent == folder}
        ingest(dataset, say=lambda line: None)
        assert tree() == expected
    assert step > 30


def test_a_withdrawal_killed_before_any_step_is_decided_whole_or_not_at_all(province, killed):
    """And the next one, or the next time that the dataset is taken in, tells the department."""
    dataset = "transport/county_adjacency"
    settings.inbox().joinpath(dataset).mkdir(parents=True)
    (source,) = (province / dataset).glob("*2020*")
    shutil.copy2(source, settings.inbox() / dataset)
    ingest(dataset, say=lambda line: None)
    (receipt,) = read_receipts(dataset)
    decided = settings.lake() / dataset / f"withdrawal={receipt['delivery_id']}"
    before = tree()
    for step in count(1, STRIDE):
        shutil.rmtree(decided, ignore_errors=True)
        for page in settings.outbox().glob("*/*_撤回_*"):
            page.unlink()
        if not killed(step, "withdraw", receipt["delivery_id"]):
            break
        (now,) = read_receipts(dataset)
        assert now == receipt or (now["outcome"], now["withdrawn_by"]) == ("withdrawn", "王五")
        if step % 2:
            withdraw(receipt["delivery_id"], "赵六", "又一次")
        elif decided.exists():
            ingest(dataset, say=lambda line: None)
        else:
            continue
        (page,) = settings.outbox().glob("*/*_撤回_*.html")
        assert ("王五" if now["outcome"] == "withdrawn" else "赵六") in page.read_text("utf-8")
        assert {name: said for name, said in tree().items() if "/withdrawal=" not in name} == before
    assert step > 30
