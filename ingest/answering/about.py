"""What a reply tells of a delivery, whatever became of it: whose it is, what, when it came and how much was read."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from ingest.landing import clock
from ingest.promises.contract import Contract
from ingest.promises.region import PROVINCE
from ingest.shape import mask


def about(contract: Contract, facts: dict[str, Any]) -> dict[str, str]:
    at, due = clock.here(facts["received_at"]), due_date(facts)
    return {
        "报送部门": contract.department_zh,
        "数据集": f"{contract.title}（{contract.name}，契约 {facts['contract_version']}）",
        "文件": mask(facts["source_file"]),
        "时期": facts["period"] or "文件名里看不出",
        "填报地区": "全省" if facts["scope"] == PROVINCE else mask(facts["scope"]),
        "收到时间": f"{at:%Y-%m-%d %H:%M}（北京时间）" + _backdated(facts),
        "应报期限": f"{due}，{_timely(facts, at.date(), due)}" if due else "不明",
        "读到行数": f"{facts['rows_read']:,}",
        "接收行数": f"{facts['rows_accepted']:,}",
        "不合格行数": f"{facts['rows_rejected']:,}",
        "交付标识": facts["delivery_id"],
        "文件校验值": f"sha256 {facts['source_sha256']}",
    }


def _timely(facts: dict[str, Any], at: date, due: date) -> str:
    """A correction does not change whether its period came in time; what was received before the first one does."""
    if facts.get("follows") and not facts["overtaken_by"]:
        return f"更正（是否按时以第一次收下的为准；先前采用的是 {facts['follows']}）"
    return "按时" if at <= due else f"逾期 {(at - due).days} 天"


def due_date(facts: dict[str, Any]) -> date | None:
    return date.fromisoformat(facts["due_date"]) if facts["due_date"] else None


def repair_by(contract: Contract, facts: dict[str, Any], moment: str) -> date:
    """By when it must be sent again, counted from the moment."""
    again = clock.here(moment).date() + timedelta(days=contract.repair_days)
    return max(filter(None, [again, due_date(facts)]))


def _backdated(facts: dict[str, Any]) -> str:
    """Both clocks, where they are far apart."""
    if not clock.is_backdated(facts):
        return ""
    days = (datetime.fromisoformat(facts["arrived_at"]) - datetime.fromisoformat(facts["received_at"])).days
    seen = f"{clock.here(facts['arrived_at']):%Y-%m-%d %H:%M}"
    return f"，是文件自己说的；我方 {seen} 才第一次见到它，晚 {days} 天。是否按时按前者计，两个时间都记录在案"
