"""What a department is told of a delivery that was withdrawn: by whom and why, and what it means."""

from __future__ import annotations

from typing import Any

from ingest.answering import expected
from ingest.answering.about import about, repair_by
from ingest.answering.reply import Reply
from ingest.landing import clock
from ingest.promises.contract import Contract


def compose_withdrawal(contract: Contract, facts: dict[str, Any]) -> Reply:
    """facts: the delivery's receipt with the decision on it."""
    by = repair_by(contract, facts, facts["withdrawn_at"])
    said = {
        "结论": "已撤回：这一次交付不再计入统计，数据和回执仍保存；同一期有更早接收的，改用那一次，"
        "没有的按缺报计（只有退回的，按退回计）",
        "撤回": f"{facts['withdrawn_by']}，{clock.here(facts['withdrawn_at']):%Y-%m-%d %H:%M}（北京时间）",
        "理由": facts["withdrawn_note"],
        **about(contract, facts),
    }
    steps = [
        f"要更正的，重新报送整个文件，文件名为 {expected.name_of(contract)}，放到 inbox/{contract.name}/，最迟 {by}",
        "内容确实没有改动而要再报的，把文件重新保存（修改时间晚于撤回）后再放一次；留在收件箱里的原文件不会再接收",
    ]
    return Reply(contract.title, "withdrawn", facts["is_simulated"], said, steps, [])
