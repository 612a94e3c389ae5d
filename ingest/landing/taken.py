"""What became of a file, and what is said of it to who watches the night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.landing.clock import here
from ingest.landing.inbox import Drop, Unread
from ingest.landing.ledger import Ledger
from ingest.reason import ADVICE
from ingest.shape import mask

WITHDRAWN = "内容与已撤回的交付相同，而修改时间在撤回之前，没有接收；确要再报，请重新保存后再放一次 (withdrawn before)"


@dataclass(frozen=True)
class Taken:
    """What became of a file: landed, refused, unchanged (the lake has it) or moving (left for the next time)."""

    outcome: str
    rows: int = 0
    rejects: int = 0
    said: str = ""  # for who must act, or who wants to know
    is_warning: bool = False


def told(drop: Drop, receipt: Mapping[str, Any], seconds: float = 0) -> Taken:
    """seconds: what it took, where it was taken in alone."""
    rows, rejects = receipt["rows_read"], receipt["rows_rejected"]
    if receipt["outcome"] == "refused":
        return Taken("refused", rows, said=receipt["message_zh"])
    speed = f"，{seconds:.1f} 秒（{rows / seconds:,.0f} 行/秒）" if seconds else ""
    warning = told_overtaken(receipt)
    said = f"{drop.name}：{told_rows(rows, rejects)}{speed}" + (f"；{warning}" if warning else "")
    return Taken("landed", rows, rejects, said, is_warning=bool(warning))


def told_rows(rows: int, rejects: int) -> str:
    """'1,200 行，隔离 3 行'."""
    return f"{rows:,} 行" + (f"，隔离 {rejects:,} 行" if rejects else "")


def leave(drop: Drop, error: OSError | Unread) -> Taken:
    """What is left because of an error; raises it where the file is as it was."""
    if isinstance(error, Unread):
        said = f"读不出来（{error}），没有接收；请检查它的权限和磁盘 (cannot be read)"
    elif drop.has_changed():
        said = "读取时文件被改动或移走，留待下次 (the file changed while it was read)"
    elif error.filename is None:
        raise error
    else:
        raise OSError(error.errno, error.strerror, mask(str(error.filename))) from None
    return Taken("moving", said=f"{drop.name}：{said}")


def known(drop: Drop, ledger: Ledger) -> Taken:
    """What the lake has."""
    said = WITHDRAWN if ledger.is_withdrawn(drop) else ""
    if refused := ledger.refused_as(drop):
        said = f"内容与已退回的 {refused['source_file']} 相同，没有再收；{ADVICE[refused['reason']]} (refused before)"
    return Taken("unchanged", said=f"{drop.name}：{said}" if said else "")


def told_overtaken(receipt: Mapping[str, Any]) -> str:
    """That a file which came later says that it is older, and so does not count; empty where that is not so."""
    if receipt["outcome"] != "landed" or not receipt.get("overtaken_by"):
        return ""
    return (
        f"没有采用：收到时间 {here(receipt['received_at']):%Y-%m-%d %H:%M:%S}（北京时间）早于先到的交付 "
        f"{receipt['overtaken_by']}，以那一次为准；如果这是更正，请重新保存后再放一次"
        "（旁边有 .received 文件的，改正里面的时间）"
    )
