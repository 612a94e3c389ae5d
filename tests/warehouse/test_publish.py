"""Publication: only what was audited, all of it or nothing."""

import hashlib
import json
import stat
from pathlib import Path

import duckdb
import pytest

from warehouse import publish as publication


def test_a_publication_is_complete_read_only_and_has_no_log_beside_it(refreshed):
    current = refreshed.data / "published" / "current"
    assert current.is_symlink()
    assert not current.readlink().is_absolute()
    release = json.loads((current / "release.json").read_text("utf-8"))
    version = current.resolve()
    names = {p.relative_to(version).as_posix() for p in version.rglob("*") if p.is_file()}
    tables = {t for (t,) in refreshed.query("select table_name from duckdb_tables() where schema_name = 'marts'")}
    assert names == {"suheng.duckdb", "release.json", "quality.html"} | {f"parquet/{t}.parquet" for t in tables}
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


def test_what_was_not_audited_is_not_published(refreshed, tmp_path):
    built = refreshed.copy(tmp_path / "data", "airflow")
    built("build")
    assert "审核" in built("publish", ok=False)


def test_what_the_gate_refused_is_not_published(refreshed, tmp_path):
    """A value of the province that its counties do not add up to."""
    built = refreshed.copy(tmp_path / "data", "airflow")
    version = (built.data / "published" / "current").readlink()
    built("build")
    with duckdb.connect(str(built.data / "build" / "suheng.duckdb")) as con:
        con.execute(
            "update marts.indicator_values set numerator = numerator + 1000 where region_code = '320000' "
            "and indicator = 'home_care_service_share' and period = '2025'"
        )
    assert "审核未通过" in built("audit", ok=False)
    assert "不能发布" in built("publish", ok=False)
    assert (built.data / "published" / "current").readlink() == version


def test_what_changed_after_its_audit_is_not_published(refreshed, tmp_path):
    built = refreshed.copy(tmp_path / "data", "airflow")
    built("build")
    built("audit")
    with duckdb.connect(str(built.data / "build" / "suheng.duckdb")) as con:
        con.execute("update marts.indicators set name_zh = '别的' where sequence = 3")
    assert "改动" in built("publish", ok=False)


def test_old_versions_go_but_never_the_current_one(tmp_path, monkeypatch):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    versions = tmp_path / "published" / "versions"
    for number in range(6):
        (versions / f"2026010{number}").mkdir(parents=True)
    publication.point("20260100")
    monkeypatch.setattr(publication, "GRACE_SECONDS", -1)
    publication._prune(versions)
    assert sorted(p.name for p in versions.iterdir()) == ["20260100", "20260103", "20260104", "20260105"]


def test_the_pointer_is_swapped_atomically_and_relatively(tmp_path, monkeypatch):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    for version in ("a", "b"):
        (tmp_path / "published" / "versions" / version).mkdir(parents=True)
        publication.point(version)
        assert (tmp_path / "published" / "current").readlink() == Path(f"versions/{version}")
    assert [p.name for p in (tmp_path / "published").iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("missing", ["audit.json", "suheng.duckdb"])
def test_an_incomplete_build_says_what_to_run(tmp_path, monkeypatch, missing):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    (tmp_path / "build").mkdir()
    for name in {"audit.json", "suheng.duckdb"} - {missing}:
        (tmp_path / "build" / name).write_text("{}")
    with pytest.raises(publication.NotPublishable, match="suheng audit"):
        publication.publish("run")
