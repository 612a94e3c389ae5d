"""Words that pages, workbooks, alerts and the sandbox share, each written once."""

from __future__ import annotations

from collections.abc import Iterable

SIMULATED = "模拟数据"
SIMULATED_NOTE = (
    f"{SIMULATED}：由沙盘生成，不是江苏省的实际情况；人数和按人数来的（学生、医师、托位、住户等）按沙盘比例缩小，"
    "养老床位和乡镇、县、线路的个数是全数，两类的数不能相除、相比（如每千名老年人的床位）"
)

VERDICT = {"landed": "接收", "partly": "部分接收", "refused": "退回", "withdrawn": "撤回"}  # on a delivery
SEVERITY = {"critical": "阻断发布", "warning": "提示"}  # of a rule
OUTCOME = {"passed": "通过", "failed": "不通过", "crashed": "无法执行"}  # of a rule


def listed(names: Iterable[str], unit: str = "项", between: str = "、", most: int = 20) -> str:
    """'甲、乙、丙', of very many only the first ones: '甲、乙…等共 1,195 列'."""
    every = list(names)
    return between.join(every[:most]) + (f"…等共 {len(every):,} {unit}" if len(every) > most else "")
