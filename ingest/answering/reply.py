"""What a department is told of a delivery: what was taken in, what was not and why, what to do and by when."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.answering import expected
from ingest.answering.about import about, repair_by
from ingest.answering.steps import STEPS
from ingest.landing.taken import told_overtaken
from ingest.promises.contract import Contract
from ingest.promises.period import Period
from ingest.reason import REJECT, REMEDY
from ingest.shape import mask
from ingest.words import VERDICT, listed

MOST = 50_000  # rows that are listed: who has more errors corrects the export, not the rows
ROW_IS = {
    "csv": "行号是用表格软件打开原文件时的行号，表头是第 1 行",
    "xlsx": "行号是工作表里的行号",
    "jsonl": "行号是文件里的第几行",
    "parquet": "行号是第几条记录",
}
SHAPES = "“内容的形状”不含内容：9 代表数字，A 代表字母，汉代表汉字和全角符号"
SPACE = pl.Series([" "]).to_arrow().cast(pa.string())[0]
LAYOUT, CAUSES, ROWS = "文件应有的表头", "出错原因", "须改正的行"


@dataclass(frozen=True)
class Table:
    """rows: as many as are listed; total: as there are."""

    caption: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str | int, ...]]
    total: int

    def count(self, most: int | None = None) -> str:
        """How many rows there are, and how many are listed where that is at most so many."""
        listed = len(self.rows) if most is None else most
        return f"共 {self.total:,} 行，" + (f"只列前 {listed:,} 行" if listed < self.total else "全部列出")


@dataclass(frozen=True)
class Reply:
    """outcome: a key of VERDICT; steps: what to do, nothing where all is well."""

    title: str
    outcome: str
    is_simulated: bool
    facts: dict[str, str]
    steps: list[str]
    tables: list[Table]

    @property
    def verdict(self) -> str:
        return VERDICT[self.outcome]


def compose(contract: Contract, facts: dict[str, Any], rejects: Path) -> Reply:
    """facts: the delivery's receipt in the lake; rejects: its rejects.parquet, which a file has that could be read."""
    is_refused, rejected = facts["outcome"] == "refused", facts["rows_rejected"]
    outcome = "refused" if is_refused else "partly" if rejected else "landed"
    by, warning = repair_by(contract, facts, facts.get("arrived_at") or facts["received_at"]), told_overtaken(facts)
    said = {
        "结论": (f"{warning}。内容本身：" if warning else "")
        + {
            "refused": f"整个文件退回，没有一行计入统计{_still(facts)}：{mask(facts['message_zh'] or '')}",
            "partly": f"接收 {facts['rows_accepted']:,} 行；另有 {rejected:,} 行不合格，改正之前不计入统计",
            "landed": "全部接收，无须改正",
        }[outcome],
        "重新报送期限": f"{by}（我方收到后 {contract.repair_days} 天，但不早于应报期限）",
        **about(contract, facts),
    }
    if sheets := facts.get("sheets"):
        said["读取的工作表"] = _sheets(sheets)
    if outcome == "landed" or facts["reason"] == "our_fault":  # nothing to do
        del said["重新报送期限"]
        steps = [STEPS["our_fault"]] if is_refused else []
        return Reply(contract.title, outcome, facts["is_simulated"], said, steps, [])
    tables = _rows(contract, facts, rejects) if rejected else []
    compare = f"对照“{ROWS}”（同名 XLSX）在业务系统里改正，再重新导出；{ROW_IS[contract.format]}；{SHAPES}"
    steps = [compare] if rejected else []
    if is_refused:
        tables += [_layout(contract, facts)]
        steps = [STEPS[facts["reason"]].format_map(_words(contract)), *steps]
    again = f"重新报送整个文件（不是只报改正的行），文件名为 {expected.name_of(contract)}"
    steps += [f"{again}，放到 inbox/{contract.name}/，最迟 {by}；新文件接收后自动代替这一次"]
    return Reply(contract.title, outcome, facts["is_simulated"], said, steps, tables)


def _still(facts: dict[str, Any]) -> str:
    """Which delivery counts where this one does not."""
    return f"，仍以先前接收的 {facts['follows']} 为准" if facts.get("follows") else ""


def _rows(contract: Contract, facts: dict[str, Any], rejects: Path) -> list[Table]:
    """The tables of causes and of rejected rows."""
    used = {c.name: c.headers[0] for c in contract.columns} | facts.get("headers", {}) | {"*": "（整行）"}
    counts, first = _read(rejects)
    words = {
        (column, reason): (used.get(column, column), REJECT[reason], _expected(contract, facts, column, reason))
        for column, reason in counts
    }
    causes = [(*words[c, r][:2], n, words[c, r][2], _remedy(r, facts["period"])) for (c, r), n in counts.most_common()]
    listed = zip(first["record"], first["column"], first["reason"], first["shape"], strict=True)
    place = _places(facts.get("sheets"))
    rows = [(*place(record), *words[c, r][:2], shape, words[c, r][2]) for record, c, r, shape in listed]
    where = ("工作表", "行") if facts.get("sheets") else ("行",)
    return [
        Table(CAUSES, ("列", "原因", "处数", "应为", "怎样改"), causes, len(causes)),
        Table(ROWS, (*where, "列", "原因", "内容的形状", "应为"), rows, counts.total()),
    ]


def _read(rejects: Path) -> tuple[Counter[tuple[str, str]], dict[str, list[Any]]]:
    """How often each column was rejected for each reason, and the columns of the first rows, at most MOST."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[str, list[Any]] = {}
    with pq.ParquetFile(rejects) as file:
        for batch in file.iter_batches(MOST, use_threads=False):
            pairs = pc.value_counts(pc.binary_join_element_wise(batch["column"], batch["reason"], SPACE))
            counts.update({tuple(pair["values"].split(" ")): pair["counts"] for pair in pairs.to_pylist()})
            first = first or batch.to_pydict()
    return counts, first


def _sheets(sheets: list[dict[str, Any]]) -> str:
    """Which were read, that what was merged in them stands in each row, that hidden rows were read, too, and which
    hidden sheets were not."""
    names = listed([f"“{mask(sheet['name'])}”" for sheet in sheets], "张")
    merged, hidden = (sum(sheet.get(what, 0) for sheet in sheets) for what in ("merged", "hidden"))
    said = [f"{merged:,} 处合并的单元格，其中每一行都按同一个值读取"] if merged else []
    said += [f"{hidden:,} 行是隐藏的，也照样读取；不该报的请删去"] if hidden else []
    unseen = listed([f"“{name}”" for sheet in sheets for name in sheet.get("unseen", [])], "张")
    said += [f"隐藏的工作表{unseen}没有读取"] if unseen else []
    return f"{names}（{'；'.join(said)}）" if said else names


def _places(sheets: list[dict[str, Any]] | None) -> Callable[[int], tuple[str | int, ...]]:
    """By record number, which runs on through the sheets: the row, in a workbook after the name of the sheet."""
    before = [sheet["rows_before"] for sheet in sheets or [{"rows_before": 0}]]
    names = [mask(sheet["name"]) for sheet in sheets or []]

    def place(record: int) -> tuple[str | int, ...]:
        sheet = bisect_left(before, record) - 1
        row = record - before[sheet]
        return (names[sheet], row) if names else (row,)

    return place


def _expected(contract: Contract, facts: dict[str, Any], column: str, reason: str) -> str:
    return expected.place(contract, column, reason, _period(facts), facts["scope"])


def _remedy(reason: str, period: str | None) -> str:
    return REMEDY[reason] + (
        f"：{expected.successors(int(period[:4]))}" if reason == "expired_region" and period else ""
    )


def _layout(contract: Contract, facts: dict[str, Any]) -> Table:
    """Which headers the file must have and what belongs below each."""
    period = _period(facts)
    rows = [(" 或 ".join(c.headers), expected.cell(c, period, facts["scope"])) for c in contract.columns]
    return Table(LAYOUT, ("表头", "应为"), rows, len(rows))


def _words(contract: Contract) -> dict[str, Any]:
    """What STEPS may name."""
    ignored = "、".join((*contract.year_headers[:1], *contract.ignored_headers))
    headers = [h for c in contract.columns for h in c.headers]
    return {
        "name": expected.name_of(contract),
        "title": contract.title,
        "ignored": f"；{ignored}可有可无，不读入" if ignored else "",
        "nested": "；“甲/乙”是上下两级的表头" if any("/" in header for header in headers) else "",
        "format": expected.format_of(contract),
        "save_as": expected.save_as(contract),
        "min_rows": contract.min_rows,
    }


def _period(facts: dict[str, Any]) -> Period | None:
    return Period.read(facts["period"]) if facts["period"] else None
