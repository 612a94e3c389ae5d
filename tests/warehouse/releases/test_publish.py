"""Publication: only what was audited, all of it or nothing."""

import hashlib
import json
import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse.releases import channel
from warehouse.releases import publish as publication


def test_a_publication_is_complete_read_only_and_has_no_log_beside_it(refreshed):
    current = refreshed.data / "published" / "current"
    assert current.is_symlink()
    assert not current.readlink().is_absolute()
    release = json.loads((current / "release.json").read_text("utf-8"))
    version = current.resolve()
    names = {p.relative_to(version).as_posix() for p in version.rglob("*") if p.is_file()}
    tables = {t for (t,) in refreshed.query("select table_name from duckdb_tables() where schema_name = 'marts'")}
    judged = tables - {"quality_results", "release", "board", "choices", "vocabulary"}  # no rule is about these
    pages = {"quality.html"} | {f"data_docs/{t}.html" for t in judged}
    assert names == {"suheng.duckdb", "release.json", "manifest.json"} | pages | {
        f"parquet/{t}.parquet" for t in tables
    }
    assert stat.S_IMODE((current / "suheng.duckdb").stat().st_mode) == 0o444
    with (current / "suheng.duckdb").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == release["sha256"]
    ((rows, version, content),) = refreshed.query(
        "select count(*), any_value(version), any_value(content_hash) from marts.release"
    )
    assert (rows, version, content) == (1, release["version"], release["content_hash"])
    assert refreshed.query("select count(*) from duckdb_views() where schema_name = 'marts'") == [(0,)]


def test_parquet_copies_hold_the_same_rows(refreshed):
    current = refreshed.data / "published" / "current"
    parquet = duckdb.sql(f"select count(*), count(value) from '{current}/parquet/indicator_values.parquet'").fetchall()
    assert parquet == refreshed.query("select count(*), count(value) from marts.indicator_values")


def test_what_was_not_audited_is_not_published(audited):
    (audited.data / "build" / "audit.json").unlink()
    assert "审核" in audited("publish", ok=False)


def test_what_the_gate_refused_is_not_published(audited):
    """A value of the province that its counties do not add up to."""
    version = (audited.data / "published" / "current").readlink()
    with duckdb.connect(str(audited.data / "build" / "suheng.duckdb")) as con:
        con.execute(
            "update marts.indicator_values set numerator = numerator + 1000 where region_code = '320000' "
            "and indicator = 'home_care_service_share' and period = '2025'"
        )
    assert "审核未通过" in audited("audit", ok=False)
    assert "不能发布" in audited("publish", ok=False)
    assert (audited.data / "published" / "current").readlink() == version


def test_what_changed_after_its_audit_is_not_published(audited):
    with duckdb.connect(str(audited.data / "build" / "suheng.duckdb")) as con:
        con.execute("update marts.indicators set name_zh = '别的' where sequence = 3")
    assert "改动" in audited("publish", ok=False)


def test_an_old_version_goes_a_day_after_it_was_replaced_but_never_one_of_the_last_three_or_the_current(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    versions, candidates = tmp_path / "published" / "versions", tmp_path / "published" / "candidates"
    candidates.mkdir(parents=True)
    hours = {
        "20260101": 990,
        "20260102": 50,
        "20260103": 40,
        "20260104": 20,
        "20260105": 3,
        "20260106": 2,
        "20260107": 1,
    }
    for version, old in hours.items():
        (versions / version).mkdir(parents=True)
        os.utime(versions / version, (time.time() - old * 3600,) * 2)
    channel.point("current", versions / "20260101")
    channel.prune()
    # 20260102 was replaced 40 hours ago; 20260103 20 hours ago, and 20260104 3 hours ago: readers may hold them
    assert sorted(p.name for p in versions.iterdir()) == [v for v in hours if v != "20260102"]
    channel.point("current", versions / "20260107")
    channel.prune()
    assert sorted(p.name for p in versions.iterdir()) == [v for v in hours if v > "20260102"]
    assert list(candidates.iterdir()) == []


def test_the_pointer_is_swapped_atomically_and_relatively(tmp_path, monkeypatch):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    for version in ("a", "b"):
        (tmp_path / "published" / "versions" / version).mkdir(parents=True)
        channel.point("current", tmp_path / "published" / "versions" / version)
        assert (tmp_path / "published" / "current").readlink() == Path(f"versions/{version}")
    assert [p.name for p in (tmp_path / "published").iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("folder", "made", "expected"),
    [
        ("versions", "20260101T015959Z-ffffffff", "20260101T020000Z-00c0ffee"),
        ("versions", "20260101T020000Z-ffffffff", "20260101T020001Z-00c0ffee"),  # in the same second
        ("candidates", "20260101T020000Z-00c0ffee", "20260101T020001Z-00c0ffee"),  # of the same content
        ("decisions", "20260101T023059Z-ffffffff.rejected.json", "20260101T023100Z-00c0ffee"),  # the clock was set back
        ("candidates", ".20260101T030000Z-ffffffff", "20260101T020000Z-00c0ffee"),  # a draft was never seen
    ],
)
def test_a_version_sorts_after_every_one_made_before_it(tmp_path, monkeypatch, folder, made, expected):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    (tmp_path / "published" / folder / made).mkdir(parents=True)
    assert channel.name(datetime(2026, 1, 1, 2, tzinfo=UTC), "00c0ffee" * 8) == expected


@pytest.mark.parametrize("missing", ["audit.json", "suheng.duckdb"])
def test_an_incomplete_build_says_what_to_run(tmp_path, monkeypatch, missing):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    (tmp_path / "build").mkdir()
    for name in {"audit.json", "suheng.duckdb"} - {missing}:
        (tmp_path / "build" / name).write_text("{}")
    with pytest.raises(publication.NotPublishable, match="suheng audit"):
        publication.publish("run")
