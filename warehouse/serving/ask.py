"""The commands by which a person reads a publication: SQL as a table or a file, and what tables and columns are."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from warehouse.serving.reader import reading

if TYPE_CHECKING:
    import polars as pl

ROWS = 200  # shown of a table
CELLS = 1_048_575  # rows of a worksheet below its header
SAY_TABLES = "select table_name, comment from duckdb_tables() where schema_name = 'marts' order by table_name"
SAY_COLUMNS = (
    "select column_name, lower(data_type), comment from duckdb_columns() "
    "where schema_name = 'marts' and table_name = ? order by column_index"
)
SAY_CODES = "select code, name_zh, meaning_zh from vocabulary where column_name = ? order by code"
CODED = 15  # codes that are listed with their column

Form = Annotated[str, typer.Option("--format", help="table、csv、json 或 xlsx")]
Out = Annotated[Path | None, typer.Option("--out", help="写入这个文件；xlsx 必须有")]


def query(
    sql: Annotated[str, typer.Argument(help="SQL；表名不必写 marts.")],
    form: Form = "table",
    out: Out = None,
    bom: Annotated[bool, typer.Option("--bom", help="CSV 以字节顺序标记开头，供 Excel 直接打开")] = False,
    seconds: Annotated[float, typer.Option(help="最长运行秒数")] = 60,
) -> None:
    if form not in ("table", "csv", "json", "xlsx"):
        raise typer.BadParameter("--format 应为 table、csv、json 或 xlsx")
    if form == "xlsx" and out is None:
        raise typer.BadParameter("--format xlsx 要用 --out 文件名.xlsx 写明写到哪里")
    with reading(seconds) as con:
        result = con.sql(sql)
        if result is None:
            return
        frame = result.pl()
        release = con.sql("select version, note_zh from release").pl().to_dicts()[0]
        columns = con.sql("select column_name, min_by(comment, length(comment)) from duckdb_columns() group by all")
        comments = dict(columns.fetchall())
    if form == "xlsx" and out:
        write_workbook(frame, out, {"SQL": sql, "发布": release["version"], "说明": release["note_zh"]}, comments)
    elif form == "table":
        with out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as file:
            console = Console(file=file)
            show(frame.head(ROWS).to_dict(as_series=False), console)
            if len(frame) > ROWS:
                console.print(f"只列前 {ROWS} 行，共 {len(frame):,} 行；全部可用 --format csv 或 xlsx")
    else:
        said = frame.write_csv(include_bom=bom) if form == "csv" else _say_json(frame)
        if out:
            out.write_text(said, "utf-8")
        else:
            sys.stdout.write(said)


def _say_json(frame: pl.DataFrame) -> str:
    return json.dumps(frame.to_dicts(), ensure_ascii=False, default=str, indent=1) + "\n"


def show(columns: Mapping[str, Sequence[Any]], console: Console) -> None:
    """Every column, those that do not fit beside each other below each other, in blocks of whole columns."""
    block: dict[str, list[str]] = {}
    used = 0
    for name, values in columns.items():
        cells = ["" if value is None else str(value) for value in values]
        width = min(max(map(_width, [name, *cells])), console.width // 2) + 2
        if block and used + width > console.width:
            _print(block, console)
            block, used = {}, 0
        block[name] = cells
        used += width
    _print(block, console)


def show_rows(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], console: Console) -> None:
    show(dict(zip(columns, zip(*rows, strict=True), strict=True)), console)


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _print(block: dict[str, list[str]], console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for name in block:
        table.add_column(name, overflow="fold", max_width=console.width // 2)
    for row in zip(*block.values(), strict=True):
        table.add_row(*map(Text, row))  # what departments wrote is no markup
    console.print(table)


def write_workbook(frame: pl.DataFrame, path: Path, about: dict[str, Any], comments: dict[str, str]) -> None:
    """A sheet of the rows, and one that says where they come from and what their columns are. Texts stay texts."""
    import xlsxwriter

    if len(frame) > CELLS:
        raise ValueError(f"{len(frame):,} 行，一张工作表最多 {CELLS:,} 行：请加条件，或用 --format csv (too many rows)")
    words = [*about.items(), *((name, comments.get(name, "")) for name in frame.columns)]
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        frame.write_excel(book, "数据", column_widths=120, freeze_panes=(1, 0), table_style="Table Style Light 1")
        sheet = book.add_worksheet("说明")
        for place, (name, said) in enumerate(words):
            sheet.write_row(place, 0, [name, said or ""])
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 100)


def describe(table: Annotated[str | None, typer.Argument(help="表名；不写则列出所有的表")] = None) -> None:
    console = Console()
    with reading() as con:
        tables = dict(con.sql(SAY_TABLES).fetchall())
        if table is None:
            show({"表": list(tables), "说明": list(tables.values())}, console)
            return
        name = table.removeprefix("marts.")
        if name not in tables:
            raise typer.BadParameter(f"没有表 {name}；已有：{'、'.join(tables)}")
        console.print(tables[name], markup=False)
        rows = con.execute(SAY_COLUMNS, [name]).fetchall()
        show_rows(("列", "类型", "说明"), rows, console)
        for column, *_ in rows:
            codes = con.execute(SAY_CODES, [column]).fetchall()
            if 0 < len(codes) <= CODED:
                console.print(f"\n{column} 的取值：", markup=False)
                for code, name_zh, meaning in codes:
                    console.print(f"  {code}  {name_zh}：{meaning}", markup=False)
