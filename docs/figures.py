"""Put figures of a real run (standard input) into a document, between its markers: figures.py refresh | stack."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
DOCUMENT = {"refresh": ROOT / "README.md", "stack": ROOT / "docs" / "operations.md"}


def refresh(said: str) -> list[str]:
    """What `make refresh` printed: tasks (ingest summed), outcome and cost."""
    lines = [line.rstrip() for line in said.splitlines() if re.search(r"[✓✗] |^夜间刷新|^已发布|^用时", line)]
    seconds = [float(line.split()[0]) for line in lines if "✓ 入库" in line]
    total = f"{sum(seconds):8.1f} 秒  ✓ 入库 {len(seconds)} 个数据集"
    first = next(i for i, line in enumerate(lines) if "✓ 入库" in line)
    shown = [*lines[:first], total, *(line for line in lines[first:] if "✓ 入库" not in line)]
    if not any(line.startswith("已发布") for line in shown):
        sys.exit("没有发布，README 不改 (nothing was published)")
    return shown


def stack(said: str) -> list[str]:
    """What the tests of the stack measured, from pytest's report."""
    figures = {p.attrib["name"]: p.attrib["value"] for p in ElementTree.fromstring(said).iter("property")}
    return [f"{name}：{figure}" for name, figure in figures.items()]


def main(marker: str) -> None:
    shown = {"refresh": refresh, "stack": stack}[marker](sys.stdin.read())
    block = "\n".join([f"<!-- {marker} -->", "```", *shown, "```", f"<!-- /{marker} -->"])
    text = DOCUMENT[marker].read_text("utf-8")
    DOCUMENT[marker].write_text(
        re.sub(f"<!-- {marker} -->.*?<!-- /{marker} -->", lambda _: block, text, flags=re.S), "utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1])
