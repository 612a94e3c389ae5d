"""Sign-off: a candidate goes out when a person has approved it, as it stands byte for byte, and its embargo is over."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ingest.landing.inbox import digest
from warehouse.building.fingerprint import content_hash
from warehouse.building.lock import writing
from warehouse.releases import channel
from warehouse.releases.publish import finish

Decision = Literal["approved", "rejected", "withdrawn"]
SAID = {"approved": "批准", "rejected": "退回"}  # of a candidate


class NotApprovable(ValueError):
    """There is no such candidate, it was decided on before, its time is over, or its bytes have changed."""


@dataclass(frozen=True)
class Candidate:
    """What was audited and has not gone out."""

    path: Path
    release: dict[str, Any]
    decision: dict[str, Any] | None

    @property
    def version(self) -> str:
        return self.path.name

    def lapsed(self, now: datetime) -> bool:
        """Whether nobody decided before the next night began."""
        return self.decision is None and _is_past(self.release["lapses_at"], now)

    def may_go(self, now: datetime) -> bool:
        """Whether it is approved, or need not be, and its embargo is over."""
        over = self.release["embargo_until"]
        is_free = (
            self.release["lapses_at"] is None if self.decision is None else self.decision["decision"] == "approved"
        )
        return is_free and (over is None or _is_past(over, now))

    @property
    def said(self) -> str:
        """Its state now, for a person."""
        now, over = datetime.now(UTC), self.release["embargo_until"]
        if self.decision is not None and self.decision["decision"] != "approved":
            return f"已由 {self.decision['by']} {SAID[self.decision['decision']]}"
        if self.lapsed(now):
            return "逾期未批，不再发布"
        if self.decision is None and self.release["lapses_at"]:
            return f"等待批准，至 {self.release['lapses_at'][:16]}"
        return f"等到 {over[:16]} 发布" if over and not _is_past(over, now) else "可以发布"


def candidate() -> Candidate | None:
    """The one that waits; there is at most one."""
    for path in sorted(channel.candidates().glob("[!.]*")):
        release = channel.read_release(path)
        assert release is not None
        decided = next(iter(decisions(path.name)), None)
        return Candidate(path, release, decided)
    return None


def decisions(version: str = "*") -> list[dict[str, Any]]:
    """What persons decided on a version, or on all, oldest first."""
    found = [json.loads(p.read_text("utf-8")) for p in channel.ledger().glob(f"{version}.*.json")]
    return sorted(found, key=lambda decision: decision["at"])


def decide(version: str, decision: Decision, by: str, note: str, now: datetime | None = None) -> dict[str, Any]:
    """Approve or reject a candidate; one approved goes out by promote(). Returns its release. Raises NotApprovable."""
    now = now or datetime.now(UTC)
    if not by.strip():
        raise NotApprovable("请写明是谁批准或退回 (say who decides)")
    with writing():
        waiting = candidate()
        if waiting is None or waiting.version != version:
            others = waiting.version if waiting else "没有"
            raise NotApprovable(f"{version} 不是等待批准的候选；现有候选：{others} (not the candidate)")
        if waiting.decision is not None:
            done = SAID[waiting.decision["decision"]]
            raise NotApprovable(f"{version} 已由 {waiting.decision['by']} {done} (already decided)")
        if waiting.lapsed(now):
            raise NotApprovable(f"{version} 逾期未批（{waiting.release['lapses_at'][:16]}），不能再批准 (lapsed)")
        file = waiting.path / "suheng.duckdb"
        if digest(file) != waiting.release["sha256"] or content_hash(file) != waiting.release["content_hash"]:
            raise NotApprovable(f"{version} 的内容与审核时不同，请重新构建 (the candidate's bytes have changed)")
        _write_decision(waiting.release, decision, by, note, now, seal(waiting.path))
    return waiting.release


def promote(now: datetime | None = None) -> dict[str, Any] | None:
    """Bring out the candidate if it waits for nothing any more; returns its release. Raises NotApprovable."""
    now = now or datetime.now(UTC)
    with writing():
        waiting = candidate()
        if waiting is None or not waiting.may_go(now):
            return None
        if waiting.decision and seal(waiting.path) != waiting.decision["seal"]:
            raise NotApprovable(f"{waiting.version} 在批准之后有改动，批准作废；请重新构建 (changed since)")
        gone_out = channel.versions() / waiting.version
        if gone_out.exists():  # killed before the channels pointed to it
            channel.show(gone_out)
            return channel.current()
        draft = channel.start(waiting.version)
        again = shutil.ignore_patterns("parquet", "release.json")  # they are written anew
        shutil.copytree(waiting.path, draft, ignore=again, copy_function=shutil.copyfile, dirs_exist_ok=True)
        said = {"published_at": f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S}", "signoff": waiting.decision}
        said["approved_by"] = waiting.decision["by"] if waiting.decision else None
        release = finish(draft / "suheng.duckdb", waiting.release | said, draft)
        if content_hash(draft / "suheng.duckdb") != release["content_hash"]:
            raise NotApprovable(
                f"{waiting.version} 的内容与审核时不同，请重新构建 (the candidate's bytes have changed)"
            )
        channel.close(draft)
        channel.bring_out(draft)
    return release


def rollback(version: str | None, by: str, note: str) -> dict[str, Any]:
    """Point the channels back to an older version, by default the one before; those after it are withdrawn.

    What a withdrawn version was made of is no news for the next night. Raises NotApprovable.
    """
    with writing():
        now = channel.current()
        kept = sorted(p.name for p in channel.versions().glob("*"))
        older = [name for name in kept if now and name < now["version"]]
        to = version or (older[-1] if older else None)
        if now is None or to not in older:
            there = "、".join(older) or "没有"
            raise NotApprovable(f"不能退到 {to or '上一版'}；更早的版本：{there} (no such older version)")
        for name in kept:
            if to < name <= now["version"]:
                release = channel.read_release(channel.versions() / name)
                assert release is not None
                _write_decision(release, "withdrawn", by, note, datetime.now(UTC), None)
        channel.point("current", channel.versions() / to)
        if candidate() is None:
            channel.point("preview", channel.versions() / to)
    back = channel.current()
    assert back is not None
    return back


def settled(now: datetime | None = None) -> set[str]:
    """Hashes of inputs that need no build: of what is out, of what waits, of what a person has refused."""
    now = now or datetime.now(UTC)
    release, waiting = channel.current(), candidate()
    known = {d["inputs_hash"] for d in decisions() if d["decision"] != "approved"}
    known |= {release["inputs_hash"]} if release else set()
    return known | ({waiting.release["inputs_hash"]} if waiting and not waiting.lapsed(now) else set())


def seal(version: Path) -> str:
    """One hash over the names and bytes of all files."""
    said = [f"{p.relative_to(version)} {digest(p)}" for p in sorted(version.rglob("*")) if p.is_file()]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _write_decision(
    release: dict[str, Any], decision: Decision, by: str, note: str, now: datetime, sealed: str | None
) -> None:
    said = {k: release[k] for k in ("version", "content_hash", "inputs_hash")}
    said |= {"decision": decision, "by": by, "note": note, "at": now.isoformat(timespec="seconds"), "seal": sealed}
    channel.ledger().mkdir(exist_ok=True)
    draft = channel.ledger() / f".{release['version']}"
    draft.write_text(json.dumps(said, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(channel.ledger() / f"{release['version']}.{decision}.json")


def _is_past(moment: str | None, now: datetime) -> bool:
    return moment is not None and datetime.fromisoformat(moment) <= now
