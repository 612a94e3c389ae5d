"""A new pseudonym key: other pseudonyms for the same persons, and nothing else, whenever it is broken off."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hashes import hashes
from soak import STRIDE

from ingest import settings
from ingest.conforming import pseudonym
from ingest.intake import ingest
from warehouse.building.build import build
from warehouse.running import night
from warehouse.running.rekey import NotRekeyed, rekey

OLD, NEW = "5f" * 32, "a7" * 32
FIRST = "2024"  # of the years that are counted anew
PERSONS, ROUTES = "civil_affairs/disability_subsidy_audits", "transport/county_adjacency"


@pytest.fixture
def key_file(tmp_path, monkeypatch) -> Path:
    """The file of the key in use."""
    path = tmp_path / "config" / "pseudonym.key"
    path.parent.mkdir()
    path.write_text(OLD + "\n")
    path.chmod(0o600)
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY_FILE", str(path))
    monkeypatch.delenv("SUHENG_PSEUDONYM_KEY", raising=False)
    return path


@pytest.fixture
def data(province, tmp_path, key_file, monkeypatch) -> Path:
    """A lake with two years of persons, of which one came twice, and a year of bus routes."""
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    for dataset, years in ((PERSONS, ("2019", "2020")), (ROUTES, ("2019",))):
        settings.inbox().joinpath(dataset).mkdir(parents=True)
        for year in years:
            (source,) = (province / dataset).glob(f"*{year}*")
            shutil.copy2(source, settings.inbox() / dataset)
    again = settings.inbox() / PERSONS / source_of("2019").name.replace("2019年", "2019年_再报")
    again.write_bytes(source_of("2019").read_bytes() + b"\n")
    take_in()
    return tmp_path / "data"


def source_of(year: str) -> Path:
    return min((settings.inbox() / PERSONS).glob(f"*{year}*"), key=lambda path: len(path.name))


def take_in() -> None:
    for dataset in (PERSONS, ROUTES):
        ingest(dataset, say=lambda line: None)


def tree(data: Path) -> dict[str, str]:
    """sha256 by name of every file of the lake but what waits for a key."""
    found = {n.removeprefix("lake/"): h for n, h in hashes(data, "lake").items()}
    return {n: h for n, h in found.items() if not n.startswith(".rekeyed-")}


def receipts(data: Path, dataset: str) -> dict[str, dict]:
    found = (json.loads(p.read_text("utf-8")) for p in (data / "lake" / dataset).glob("delivery=*/receipt.json"))
    return {r["delivery_id"]: r for r in found}


def cells(data: Path, dataset: str) -> dict[str, pl.DataFrame]:
    """The accepted records by delivery, pseudonyms as text."""
    with duckdb.connect() as con:
        return {
            p.parent.name: con.sql(f"select * from read_parquet('{p}', hive_partitioning = false) order by record").pl()
            for p in (data / "lake" / dataset).glob("delivery=*/data.parquet")
        }


def test_persons_get_other_pseudonyms_and_nothing_else_changes(data, key_file):
    before, told, files = cells(data, PERSONS), receipts(data, PERSONS), tree(data)
    (data / "kept.duckdb").touch()
    said: list[str] = []
    rekey(say=said.append)
    new = key_file.read_text().strip()
    assert new != OLD
    assert pseudonym.read_key() == new
    kept = key_file.with_name(f"pseudonym.key.{pseudonym.key_id(OLD)}")
    assert {p: p.stat().st_mode & 0o777 for p in key_file.parent.iterdir()} == {key_file: 0o600, kept: 0o600}
    assert kept.read_text().strip() == OLD
    renamed: dict[str, set[str]] = {}
    after = cells(data, PERSONS)
    assert after.keys() == before.keys()
    assert len(after) == 3
    for delivery, frame in after.items():
        assert frame.drop("person_key").equals(before[delivery].drop("person_key"))
        for old, other in zip(before[delivery]["person_key"], frame["person_key"], strict=True):
            renamed.setdefault(str(old), set()).add(str(other))
    assert all(len(others) == 1 for others in renamed.values())
    assert len(set.union(*renamed.values())) == len(renamed) > 10
    assert not set.union(*renamed.values()) & renamed.keys()
    ids = {"pseudonym_key_id": pseudonym.key_id(new)}
    assert receipts(data, PERSONS) == {n: r | ids for n, r in told.items()}
    assert {n: h for n, h in tree(data).items() if n.startswith(ROUTES)} == {
        n: h for n, h in files.items() if n.startswith(ROUTES)
    }
    assert tree(data).keys() == files.keys()
    assert sorted(p.name for p in (data / "lake").iterdir()) == ["civil_affairs", "transport"]
    assert not (data / "kept.duckdb").exists()
    assert not any(OLD in line or new in line for line in said)


def test_without_the_files_nothing_is_begun(data, key_file):
    before = tree(data)
    source_of("2020").rename(data / "elsewhere")
    with pytest.raises(NotRekeyed) as refused:
        rekey(drop_superseded=True)
    assert f"{PERSONS} 2020 残疾人两项补贴" in str(refused.value)
    assert str(refused.value).count("采用") == 1
    assert "2019" not in str(refused.value)
    assert (tree(data), key_file.read_text().strip()) == (before, OLD)


def test_a_superseded_delivery_without_its_file_is_dropped_only_when_told(data, key_file):
    before = receipts(data, PERSONS)
    superseded = next(n for n, r in before.items() if r["source_file"] == source_of("2019").name)
    source_of("2019").unlink()
    with pytest.raises(NotRekeyed, match="已被替代"):
        rekey(say=lambda line: None)
    assert receipts(data, PERSONS) == before
    rekey(drop_superseded=True, say=lambda line: None)
    assert receipts(data, PERSONS).keys() == before.keys() - {superseded}
    assert list((data / "lake" / PERSONS).glob("*")) == list((data / "lake" / PERSONS).glob("delivery=*"))


def test_a_key_that_is_not_ours_to_replace_is_replaced_by_hand_and_nights_go_on(data, key_file, monkeypatch, province):
    before = tree(data)
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY", OLD)
    file = key_file.with_name("secret")
    said: list[str] = []
    rekey(file, say=said.append)
    assert "SUHENG_PSEUDONYM_KEY" in said[-1]
    assert str(file) in said[-1]
    assert file.stat().st_mode & 0o777 == 0o600
    assert tree(data) == before
    (source,) = (province / PERSONS).glob("*2021*")
    shutil.copy2(source, settings.inbox() / PERSONS)
    night.ingest(PERSONS)
    assert {r["pseudonym_key_id"] for r in receipts(data, PERSONS).values()} == {pseudonym.key_id(OLD)}
    new = file.read_text().strip()
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY", new)
    night.ingest(PERSONS)
    found = receipts(data, PERSONS)
    assert len(found) == 4
    assert {r["pseudonym_key_id"] for r in found.values()} == {pseudonym.key_id(new)}
    assert list((data / "lake").glob(".*")) == []


def test_the_same_key_again_is_refused(data, key_file):
    with pytest.raises(NotRekeyed, match="就是现用的密钥"):
        rekey(key_file)


def test_killed_before_any_step_the_next_night_or_a_repetition_makes_it_good(data, key_file, killed, tmp_path):
    """Until the key is replaced nothing is different; from then on what follows ends with every delivery under it."""
    file = tmp_path / "new.key"
    file.write_text(NEW)
    before = tree(data)
    shutil.copytree(data, tmp_path / "saved")
    assert not killed(0, "rekey", str(file))
    expected = tree(data)
    assert expected.keys() == before.keys()
    for step in count(1, STRIDE):
        shutil.rmtree(data)
        shutil.copytree(tmp_path / "saved", data)
        key_file.write_text(OLD)
        if not killed(step, "rekey", str(file)):
            break
        if pseudonym.read_key() == OLD:
            assert tree(data) == before
        if step // STRIDE % 2:
            night.ingest(PERSONS)
            assert tree(data) == (before if pseudonym.read_key() == OLD else expected)
        else:
            with suppress(NotRekeyed):  # it was finished
                rekey(file, say=lambda line: None)
        if pseudonym.read_key() == OLD:
            rekey(file, say=lambda line: None)
        assert tree(data) == expected
        assert list((data / "lake").glob(".*")) == []
    assert step > 60
    assert tree(data) == expected


def test_aggregates_of_persons_do_not_depend_on_the_key(refreshed, tmp_path, monkeypatch, key_file):
    """Counted anew under another key: joins of two datasets and distinct persons over the months of a year."""
    datasets = ("civil_affairs/elder_profiles", "civil_affairs/homecare_services")
    other = refreshed.copy(tmp_path / "data", "airflow", "build", "lake", "logs", "published", "refused")
    for dataset in (*datasets, "statistics/divisions"):
        for delivery, facts in receipts(refreshed.data, dataset).items():
            if str(facts["period"]) >= FIRST or dataset == "statistics/divisions":
                folder = f"lake/{dataset}/delivery={delivery}"
                shutil.copytree(refreshed.data / folder, other.data / folder)
    environment = {k: v for k, v in other.environment.items() if k != "SUHENG_PSEUDONYM_KEY"}
    call = [sys.executable, "-m", "warehouse.cli", "rekey"]
    subprocess.run(call, cwd=settings.ROOT, env=environment | {"SUHENG_PSEUDONYM_KEY_FILE": str(key_file)}, check=True)
    landed = [r for d in datasets for r in receipts(other.data, d).values() if r["outcome"] == "landed"]
    assert {r["pseudonym_key_id"] for r in landed} == {pseudonym.key_id(key_file.read_text().strip())}
    assert not (other.data / "kept.duckdb").exists()
    monkeypatch.setenv("SUHENG_DATA", str(other.data))
    build("rekeyed", "--select", "+int_home_elders__counted", "--exclude", "test_type:unit")
    counted = []
    for data in (refreshed.data, other.data):
        with duckdb.connect(str(data / "kept.duckdb"), read_only=True) as con:
            counted.append(con.sql(f"from int_home_elders__counted where period >= '{FIRST}' order by all").fetchall())
    assert counted[0] == counted[1]
    assert len(counted[0]) > 1000
