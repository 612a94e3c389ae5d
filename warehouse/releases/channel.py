"""The channels: preview shows what was audited, current what went out; each points to a version, atomically."""

from __future__ import annotations

import json
import shutil
import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest import settings
from ingest.landing.land import sync

KEPT_VERSIONS = 3
GRACE_SECONDS = 24 * 3600  # a reader may still hold an older version open
STAMP = "%Y%m%dT%H%M%S%z"


def versions() -> Path:
    """What went out, a directory a version; oldest first by name."""
    return settings.published() / "versions"


def before(version: str) -> list[Path]:
    """What went out before it, oldest first."""
    return sorted(path for path in versions().glob("*") if path.name < version)


def candidates() -> Path:
    """What was audited and waits; a hidden directory is not whole."""
    return settings.published() / "candidates"


def ledger() -> Path:
    """What persons decided on candidates, a file each, named after its version; they outlive it."""
    return settings.published() / "decisions"


def remembered(version: str | None = None) -> Path:
    """What of small counts has ever been shown and hidden; with a version: and would be, were it to go out.

    It tells true counts, so it does not lie with what is published.
    """
    return settings.data() / f"guarded{f'-{version}' if version else ''}.parquet"


def point(channel: str, to: Path) -> None:
    """Swap the channel's symlink; readers see the old version or the new one, never anything between."""
    draft = settings.published() / f".{channel}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(to.relative_to(settings.published()))
    draft.replace(settings.published() / channel)
    sync(settings.published())


def current() -> dict[str, Any] | None:
    """The current release, or None before the first publication."""
    return read_release(settings.published() / "current")


def read_release(version: Path) -> dict[str, Any] | None:
    path = version / "release.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def close(draft: Path) -> None:
    """Make every file read-only and durable."""
    for path in sorted(draft.rglob("*"), reverse=True):
        if path.is_file():
            path.chmod(0o444)
        sync(path)
    sync(draft)


def hold(draft: Path) -> None:
    """A closed draft becomes the candidate, in place of any before it, and is shown in preview."""
    candidate = candidates() / draft.name.removeprefix(".")
    draft.rename(candidate)
    sync(candidates())
    point("preview", candidate)
    _clear(candidate)


def bring_out(draft: Path) -> None:
    """A closed draft becomes a version and goes out."""
    version = versions() / draft.name.removeprefix(".")
    draft.rename(version)
    sync(versions())
    show(version)


def show(version: Path) -> None:
    """Both channels point to a version, and nothing waits any more. What it hides is known before anybody sees it."""
    if remembered(version.name).exists():
        remembered(version.name).replace(remembered())
        sync(settings.data())
    point("current", version)
    point("preview", version)
    _clear()
    prune()


def name(now: datetime, content_hash: str) -> str:
    """The next version's: its moment (UTC) and content. It sorts after every name before it, for which its moment is
    later than now where one was made in this second, or the clock has been set back."""
    folders = (versions(), candidates(), ledger())
    stamps = [path.name.partition("-")[0] for folder in folders for path in folder.glob("[!.]*")]
    last = datetime.strptime(max(stamps, default="00010101T000000Z"), STAMP)
    return f"{max(now, last + timedelta(seconds=1)):%Y%m%dT%H%M%SZ}-{content_hash[:8]}"


def start(version: str) -> Path:
    """An empty draft; what is left of others goes."""
    versions().mkdir(parents=True, exist_ok=True)
    draft = candidates() / f".{version}"
    candidates().mkdir(exist_ok=True)
    for old in candidates().glob(".*"):
        shutil.rmtree(old)
    waiting = {remembered(path.name) for path in candidates().iterdir()}
    for file in {*settings.data().glob("guarded-*.parquet")} - waiting:
        file.unlink()
    draft.mkdir()
    return draft


def prune() -> None:
    """Keep the newest versions, those replaced so lately that a reader may hold them, and the one that is current."""
    pointed = (settings.published() / "current").resolve()
    oldest_first = sorted(p for p in versions().iterdir() if p.is_dir())
    for path, successor in list(pairwise(oldest_first))[: 1 - KEPT_VERSIONS]:
        if path != pointed and time.time() - successor.stat().st_mtime > GRACE_SECONDS:
            _remove(path)


def _clear(*keep: Path) -> None:
    for path in set(candidates().iterdir()) - set(keep):
        _remove(path)


def _remove(path: Path) -> None:
    """Out of sight first: what is seen is whole."""
    shutil.rmtree(path.rename(candidates() / f".{path.name.removeprefix('.')}"))
