"""Publication: an audited snapshot becomes an immutable version, or a candidate that waits to be one."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingest import settings
from ingest.landing.inbox import digest, sandbox_scale
from ingest.landing.land import sync
from ingest.words import SIMULATED, SIMULATED_NOTE
from warehouse.building import mart
from warehouse.building.build import MANIFEST, read_facts, snapshot
from warehouse.building.fingerprint import content_hash
from warehouse.building.lock import writing
from warehouse.releases import channel

BUILT = ("inputs_hash", "plan_version", "method_version")  # as they were for the build


class NotPublishable(ValueError):
    """The build was not audited, was refused by the gate, or has changed since."""


def publish(run: str) -> dict[str, Any]:
    """Publish the audited build, or hold it as a candidate; returns its release. Raises NotPublishable.

    A candidate waits where a person must approve it (until the next night begins) or the embargo is not over; its
    release.json says until when: lapses_at, embargo_until. Otherwise it is current at once.
    """
    with writing():
        facts, content = _check()
        now = datetime.now(UTC)
        version = channel.name(now, content)
        draft = channel.start(version)
        release = {"version": version, "run": run, "content_hash": content, "approved_by": None}
        release |= {k: facts[k] for k in BUILT} | {"published_at": f"{now:%Y-%m-%d %H:%M:%S}"}
        release |= (waits := terms(now))
        release = finish(snapshot(), release | _describe(snapshot()), draft)
        remember(version)
        shutil.copytree(settings.build() / "audit", draft, dirs_exist_ok=True)
        shutil.copyfile(settings.data() / "dbt" / MANIFEST, draft / MANIFEST)
        snapshot().rename(draft / "suheng.duckdb")  # until here whatever fails can be tried again
        channel.close(draft)
        if any(waits.values()):
            channel.hold(draft)
        else:
            channel.bring_out(draft)
    return release


def remember(version: str) -> None:
    """What all publications with this one have shown and hidden of small counts: for the next build and nobody else."""
    with duckdb.connect(str(settings.build() / "work.duckdb"), read_only=True) as con:
        rows, file = "from intermediate.int_counts__remembered order by all", channel.remembered(version)
        con.execute(f"copy ({rows}) to '{file}' (compression zstd)")
    file.chmod(0o600)
    sync(file)


def terms(now: datetime) -> dict[str, Any]:
    """What a candidate made now waits for: a sign-off until the next night begins, the end of the embargo."""
    local = now.astimezone(settings.SHANGHAI)
    needed, over = settings.require_approval(), settings.embargo()
    return {
        "lapses_at": _next(settings.NIGHT, local).isoformat() if needed else None,
        "embargo_until": _next(over, local).isoformat() if over else None,
    }


def _next(clock: time, after: datetime) -> datetime:
    """The next time that the clock shows so."""
    today = datetime.combine(after.date(), clock, after.tzinfo)
    return today if today > after else today + timedelta(days=1)


def _check() -> tuple[dict[str, Any], str]:
    verdict, facts = read_facts("audit"), read_facts("build")
    if not snapshot().exists() or verdict is None or facts is None:
        raise NotPublishable("没有审核过的构建；请先运行 suheng build 和 suheng audit (nothing audited to publish)")
    if verdict["blocked"]:
        raise NotPublishable(f"审核未通过，不能发布：{'、'.join(verdict['blocked'])} (the gate refused this build)")
    content = content_hash(snapshot())
    if content != verdict["content_hash"]:
        raise NotPublishable("构建在审核之后有改动，请重新审核 (the build has changed since its audit)")
    return facts, content


def _describe(file: Path) -> dict[str, Any]:
    """What a release says of the data."""
    with duckdb.connect(str(file), read_only=True) as con:
        newest = con.sql("select max(period) from marts.indicator_values where status = 'reported'").fetchone()
        threshold = con.sql("select max(suppression_threshold) from marts.indicators").fetchone()
        files = con.sql(
            "select max(contains(source_file, ?)) from marts.deliveries where outcome = 'accepted'", params=[SIMULATED]
        )
        simulated = bool((files.fetchone() or (False,))[0])
    return {
        "data_period": (newest or (None,))[0],
        "note_zh": SIMULATED_NOTE if simulated else None,
        "is_simulated": simulated,
        "sandbox_scale": sandbox_scale() if simulated else None,
        "suppression_threshold": (threshold or (None,))[0],
    }


def finish(file: Path, release: dict[str, Any], draft: Path) -> dict[str, Any]:
    """The last writes: marts.release, the Parquet copies and release.json, with the sha256 of the snapshot."""
    with duckdb.connect(str(file)) as con:
        tables = mart.columns(con)
        names = tables["release"]
        places = ", ".join("?" * len(names))
        con.execute("delete from marts.release")  # of a publication that did not come to its end, or not signed off
        con.execute(f"insert into marts.release ({', '.join(names)}) values ({places})", [release[n] for n in names])
        con.execute("checkpoint")
        (draft / "parquet").mkdir()
        for table in tables:
            parquet = draft / "parquet" / f"{table}.parquet"
            con.execute(f"copy (from marts.{table} order by all) to '{parquet}' (compression zstd)")
    log = file.with_name(file.name + ".wal")
    if log.exists():
        raise RuntimeError(f"{log} 仍然存在：快照没有写完整 (a log is left beside the snapshot)")
    release = release | {"sha256": digest(file)}
    (draft / "release.json").write_text(json.dumps(release, ensure_ascii=False, indent=1, default=str), "utf-8")
    return release
