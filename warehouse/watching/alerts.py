"""Who must act is told, once: what is refused or overdue, what the gate blocks, a run that failed or did not end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import polars as pl

from expectations.rules import read_rules
from ingest import settings
from ingest.words import SIMULATED, VERDICT
from warehouse.building.build import read_facts, write_facts
from warehouse.watching.service import overdue, receipts, refusals, service_levels, shortened, told_refused

NIGHT_LENGTH = timedelta(hours=4)  # by when it should have ended
KINDS = ("运行失败", "没有按时运行", "审核未通过，没有发布", VERDICT["refused"], "逾期未交")
RECOVERED = "已恢复"


@dataclass(frozen=True)
class Alert:
    """What is wrong as long as it is wrong: its key stays, what it says may change."""

    key: str
    kind: str  # one of KINDS
    who: str
    what: str = ""
    message: str = ""  # of a refusal, told in place of the others where there are few of a kind

    @property
    def said(self) -> list[str]:
        """As it is kept between one digest and the next."""
        return [self.kind, self.who, self.what, *([self.message] if self.message else [])]


def gather(now: datetime, deliveries: pl.DataFrame) -> list[Alert]:
    """All that is wrong now, from the receipts of the lake and from what the last run left."""
    today = now.astimezone(settings.SHANGHAI).date()
    levels = overdue(service_levels(today, deliveries), today)
    return [*_runs(now), *_gate(), *_refused(deliveries), *_overdue(levels)]


def _runs(now: datetime) -> Iterable[Alert]:
    night = read_facts("night") or {"failed": {}, "ended_at": None}
    for task, why in sorted(night["failed"].items(), key=lambda failure: failure[1]):
        yield Alert(f"run/{task}", KINDS[0], why, f"任务“{task}”")
    due = last_due(now)
    ended_at = night["ended_at"] and datetime.fromisoformat(night["ended_at"])
    if ended_at is None or ended_at < due:
        last = ended_at and f"最近一次结束于 {ended_at.astimezone(settings.SHANGHAI):%Y-%m-%d %H:%M}"
        yield Alert("run", KINDS[1], "夜间任务到期没有运行到结束", last or "还没有一次运行到结束")


def last_due(now: datetime) -> datetime:
    """The beginning of the newest night that should have ended by now."""
    latest = now.astimezone(settings.SHANGHAI) - NIGHT_LENGTH
    night = latest.replace(hour=settings.NIGHT.hour, minute=settings.NIGHT.minute, second=0, microsecond=0)
    return night if night <= latest else night - timedelta(days=1)


def _gate() -> Iterable[Alert]:
    rules = blocked()
    titles = {rule.name: rule.title_zh for rule in read_rules()} if rules else {}
    for rule in rules:
        yield Alert(f"gate/{rule}", KINDS[2], titles.get(rule, rule), rule)


def blocked() -> list[str]:
    """The rules that forbid the newest build that was audited; one that is not audited yet has taken nothing back."""
    facts = read_facts("audit") or read_facts("night") or {"blocked": []}
    return list(facts["blocked"])


def _refused(deliveries: pl.DataFrame) -> Iterable[Alert]:
    for head, group in refusals(deliveries):
        for key, file, message, due in group.select("delivery_id", "source_file", "message_zh", "due_date").iter_rows():
            yield Alert(f"refused/{key}", KINDS[3], head, file, f"{message}（应于{due}交）" if due else message)


def _overdue(levels: pl.DataFrame) -> Iterable[Alert]:
    for *key, who, what in levels.select("name", "period", "scope", "who", "what").iter_rows():
        yield Alert("/".join(["overdue", *key]), KINDS[4], who, what)


def addresses() -> list[str]:
    """The lines of the file that SUHENG_ALERTS_FILE names, without comments; none when alerts are switched off."""
    named = os.environ.get("SUHENG_ALERTS_FILE")
    if not named:
        return []
    path = Path(named).expanduser()
    if not path.is_file():
        raise ValueError(f"SUHENG_ALERTS_FILE：没有文件 {path}；请写明告警地址，一行一个 (no such file)")
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def send(now: datetime | None = None) -> dict[str, int]:
    """Tell every address what is new to it and what has recovered, in one digest; returns counts: addresses, told,
    failed.

    What could not be sent is not held to be told: it is sent again the next time.
    """
    now = now or datetime.now(settings.SHANGHAI)
    urls = addresses()
    if not urls:
        return {"addresses": 0, "told": 0, "failed": 0}
    deliveries = receipts()
    is_simulated = bool(deliveries["is_simulated"].any())
    standing = {alert.key: alert.said for alert in gather(now, deliveries)}
    before = read_facts("alerts") or {}
    told: dict[str, dict[str, list[str]]] = {_mark(url): before.get(_mark(url), {}) for url in urls}
    counts = {"addresses": len(urls), "told": 0, "failed": 0}
    for number, url in enumerate(urls, 1):
        message = digest(told[_mark(url)], standing, now, is_simulated)
        if message and not deliver(url, *message):
            counts["failed"] += 1
            print(f"告警没有送到第 {number} 个地址，下次再送 (not delivered)", flush=True)
            continue
        counts["told"] += message is not None
        told[_mark(url)] = standing
        write_facts("alerts", told)
    return counts


def _mark(url: str) -> str:
    """Names an address without its password."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def digest(
    told: dict[str, list[str]], standing: dict[str, list[str]], now: datetime, is_simulated: bool
) -> tuple[str, str] | None:
    """Title and text of what differs from what was told before; None when nothing does."""
    new = [said for key, said in standing.items() if told.get(key) != said]
    recovered = [said for key, said in told.items() if key not in standing]
    if not new and not recovered:
        return None
    mark = f"【{SIMULATED}】" if is_simulated else ""
    title = f"{mark}苏衡告警 {now.astimezone(settings.SHANGHAI):%Y-%m-%d}：新增 {len(new)} 项，恢复 {len(recovered)} 项"
    lines = [line for kind in KINDS for line in _section(kind, [said for said in new if said[0] == kind])]
    lines += _section(RECOVERED, recovered)
    if old := len(standing) - len(new):
        lines.append(f"另有 {old} 项此前已告知，尚未解决；运行 suheng status 查看。")
    return title, "\n".join(lines)


def _section(head: str, alerts: list[list[str]]) -> list[str]:
    """A line for each who, and for each of a few refusals: what is of one dataset stands together."""
    if not alerts:
        return []
    lines = [f"【{head}】"]
    for who, group in groupby(alerts, key=lambda said: said[1]):
        found = list(group)
        whats, messages = [what for _, _, what, *_ in found if what], [said[3] for said in found if said[3:]]
        if messages:
            lines += [f"· {said}" for said in told_refused(who, whats, messages)]
        else:
            lines.append(f"· {who}" + (f"：{shortened(whats)}" if whats else ""))
    return [*lines, ""]


def deliver(url: str, title: str, text: str) -> bool:
    """Send by apprise; False when the address is not understood or does not take it."""
    if "://" not in url:  # apprise would log it, with the secret that it may hold
        return False
    import apprise

    # its name goes into headers, which take no Chinese
    service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Suheng", app_desc="Suheng", app_url=""))
    return service.add(url) and bool(service.notify(text, title, body_format=apprise.NotifyFormat.TEXT))
