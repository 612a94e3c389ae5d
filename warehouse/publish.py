"""Publication: an audited snapshot becomes an immutable version, and current points to it, atomically."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from ingest import settings
from ingest.inbox import SIMULATED, digest, sandbox_scale
from ingest.land import sync
from warehouse import mart
from warehouse.build import facts_file, snapshot
from warehouse.fingerprint import content_hash
from warehouse.lock import writing

KEPT_VERSIONS = 3
GRACE_SECONDS = 24 * 3600  # a reader may still hold an older version open
BUILT = ("inputs_hash", "plan_version", "method_version")  # as they were for the build


class NotPublishable(ValueError):
    """The build was not audited, was refused by the gate, or has changed since."""


def publish(run: str, approved_by: str | None = None) -> dict[str, Any]:
    """Publish the audited build; returns its release. Raises NotPublishable."""
    with writing():
        facts, content = _check()
        now = datetime.now(UTC)
        candidates, versions = settings.published() / "candidates", settings.published() / "versions"
        shutil.rmtree(candidates, ignore_errors=True)  # of a publication that did not come to its end
        version = f"{now:%Y%m%dT%H%M%SZ}-{content[:8]}"
        candidate = candidates / version
        candidate.mkdir(parents=True)
        versions.mkdir(exist_ok=True)
        release = {"version": version, "run": run, "content_hash": content, "approved_by": approved_by}
        release |= {k: facts[k] for k in BUILT} | {"published_at": f"{now:%Y-%m-%d %H:%M:%S}"}
        release = _write_release(snapshot(), release)
        _export(candidate)
        shutil.copy(settings.build() / "audit" / "quality.html", candidate)
        release["sha256"] = digest(snapshot())
        (candidate / "release.json").write_text(json.dumps(release, ensure_ascii=False, indent=1, default=str), "utf-8")
        snapshot().rename(candidate / "suheng.duckdb")  # until here whatever fails can be tried again
        for path in sorted(candidate.rglob("*"), reverse=True):
            if path.is_file():
                path.chmod(0o444)
            sync(path)
        sync(candidate)
        candidate.rename(versions / version)
        sync(versions)
        point(version)
        _prune(versions, candidates)
    return release


def point(version: str) -> None:
    """Swap the symlink current; readers see the old version or the new one, never anything between."""
    draft = settings.published() / ".current"
    draft.unlink(missing_ok=True)
    draft.symlink_to(Path("versions") / version)
    draft.replace(settings.published() / "current")
    sync(settings.published())


def current() -> dict[str, Any] | None:
    """The current release, or None before the first publication."""
    path = settings.published() / "current" / "release.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _check() -> tuple[dict[str, Any], str]:
    if not snapshot().exists() or not facts_file("audit").exists():
        raise NotPublishable("没有审核过的构建；请先运行 suheng build 和 suheng audit (nothing audited to publish)")
    verdict = json.loads(facts_file("audit").read_text("utf-8"))
    if verdict["blocked"]:
        raise NotPublishable(f"审核未通过，不能发布：{'、'.join(verdict['blocked'])} (the gate refused this build)")
    content = content_hash(snapshot())
    if content != verdict["content_hash"]:
        raise NotPublishable("构建在审核之后有改动，请重新审核 (the build has changed since its audit)")
    return json.loads(facts_file("build").read_text("utf-8")), content


def _write_release(file: Path, release: dict[str, Any]) -> dict[str, Any]:
    """The last write: marts.release, a checkpoint, and no log left beside the file."""
    with duckdb.connect(str(file)) as con:
        newest = con.sql("select max(period) from marts.indicator_values where status = 'reported'").fetchone()
        threshold = con.sql("select max(suppression_threshold) from marts.indicators").fetchone()
        files = con.sql(
            "select max(contains(source_file, ?)) from marts.deliveries where outcome = 'accepted'", params=[SIMULATED]
        )
        simulated = bool((files.fetchone() or (False,))[0])
        release = release | {
            "data_period": (newest or (None,))[0],
            "note_zh": f"{SIMULATED}：由沙盘生成，不是江苏省的实际情况" if simulated else None,
            "is_simulated": simulated,
            "sandbox_scale": sandbox_scale() if simulated else None,
            "suppression_threshold": (threshold or (None,))[0],
        }
        names = mart.columns(con)["release"]
        places = ", ".join("?" * len(names))
        con.execute("delete from marts.release")  # of a publication that did not come to its end
        con.execute(f"insert into marts.release ({', '.join(names)}) values ({places})", [release[n] for n in names])
        con.execute("checkpoint")
    log = file.with_name(file.name + ".wal")
    if log.exists():
        raise RuntimeError(f"{log} 仍然存在：快照没有写完整 (a log is left beside the snapshot)")
    return release


def _export(candidate: Path) -> None:
    (candidate / "parquet").mkdir()
    with duckdb.connect(str(snapshot()), read_only=True) as con:
        for table in mart.columns(con):
            file = candidate / "parquet" / f"{table}.parquet"
            con.execute(f"copy (from marts.{table} order by all) to '{file}' (compression zstd)")


def _prune(versions: Path, candidates: Path) -> None:
    """Keep the newest versions, those replaced so lately that a reader may hold them, and the one that is current."""
    pointed = (settings.published() / "current").resolve()
    oldest_first = sorted(p for p in versions.iterdir() if p.is_dir())
    for path, successor in list(pairwise(oldest_first))[: 1 - KEPT_VERSIONS]:
        if path != pointed and time.time() - successor.stat().st_mtime > GRACE_SECONDS:
            shutil.rmtree(path.rename(candidates / path.name))  # in versions/ there are only whole ones
