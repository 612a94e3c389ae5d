"""Put what was measured, or what the tree is, between a document's markers: figures.py MARKER [--check] [SECONDS].

refresh, stack, timings: figures of a real run, from standard input; map: the rooms of the tree; picture: the whole of
docs/architecture.svg, from the code. With --check nothing is written, and what is not current is an error.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import rooms

ROOT = Path(__file__).parents[1]
README = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
SLOWEST = 10


def refresh(said: str) -> list[str]:
    """What `make refresh` printed: the tasks that took a second (ingest summed), outcome and cost."""
    lines = [line.rstrip() for line in said.splitlines() if re.search(r"[✓✗] |^夜间刷新|^已发布|^用时", line)]
    if not any(line.startswith("已发布") for line in lines):
        sys.exit("没有发布，README 不改 (nothing was published)")
    taken_in = [line for line in lines if "✓ 入库" in line]
    total = f"{sum(float(line.split()[0]) for line in taken_in):8.1f} 秒  ✓ 入库 {len(taken_in)} 个数据集"
    shown = [total if line == taken_in[0] else line for line in lines if line not in taken_in[1:]]
    return ["```", *(line for line in shown if not re.match(r" +0\.\d 秒  ✓", line)), "```"]


def stack(said: str) -> list[str]:
    """What the tests of the stack measured, from pytest's report."""
    figures = {p.attrib["name"]: p.attrib["value"] for p in ElementTree.fromstring(said).iter("property")}
    return ["```", *(f"{name}：{figure}" for name, figure in figures.items()), "```"]


def timings(said: str, seconds: int) -> list[str]:
    """The time of the tests, from pytest's report; seconds: that of `make test` as a whole, with its checks."""
    report = ElementTree.fromstring(said)
    suites = list(report.iter("testsuite"))
    tests, failed, skipped = (
        sum(int(suite.attrib[name]) for suite in suites for name in names)
        for names in (["tests"], ["failures", "errors"], ["skipped"])
    )
    if failed:
        sys.exit(f"{failed} 项测试没有通过，文档不改 (tests failed)")
    took = sum(float(suite.attrib["time"]) for suite in suites)
    each: dict[str, list[float]] = {}
    for case in report.iter("testcase"):
        each.setdefault(_place(case), []).append(float(case.attrib["time"]))
    slowest = sorted(each, key=lambda place: -sum(each[place]))[:SLOWEST]
    return [
        "```",
        f"make test：{seconds} 秒（测试 {took:.0f} 秒，其余为检查），{os.cpu_count()} 核",
        f"{tests} 项测试，{skipped} 项跳过；最慢的：",
        *(f"{sum(each[p]):8.1f} 秒  {p}{f'，{len(each[p])} 种输入' if len(each[p]) > 1 else ''}" for p in slowest),
        "```",
    ]


def _place(case: ElementTree.Element) -> str:
    """'tests/ingest/test_intake.py  test_name', without the parameters."""
    return f"{case.attrib['classname'].replace('.', '/')}.py  {case.attrib['name'].split('[')[0]}"


def put(document: Path, marker: str, lines: list[str], only_check: bool = False) -> bool:
    """Whether the document has these lines already; if not, and unless it is only to be checked, now it has."""
    text = document.read_text("utf-8")
    block = "\n".join([f"<!-- {marker} -->", *lines, f"<!-- /{marker} -->"])
    new, count = re.subn(f"<!-- {marker} -->.*?<!-- /{marker} -->", lambda _: block, text, flags=re.S)
    if count != 1:
        sys.exit(f"{document.name}：应有一处 <!-- {marker} --> (the marker must be there once)")
    if new != text and not only_check:
        document.write_text(new, "utf-8")
    return new == text


def main(marker: str, *options: str) -> None:
    if marker == "map":
        only_check = "--check" in options
        current = [put(document, "map", rooms.lines(language), only_check) for language, document in README.items()]
        if only_check and not all(current):
            sys.exit("README 的地图不是现在的目录树：make docs (the map is not the tree)")
    elif marker == "picture":
        from picture import architecture, facts  # grimp is wanted for this only

        drawn, file = architecture.draw(facts.read_manifest()), ROOT / "docs" / "architecture.svg"
        if "--check" not in options:
            file.write_text(drawn, "utf-8")
        elif file.read_text("utf-8") != drawn:
            sys.exit("docs/architecture.svg 不是现在的代码：make docs (the picture is not the code)")
    elif marker == "refresh":
        shown = refresh(sys.stdin.read())
        for document in README.values():
            put(document, marker, shown)
    elif marker == "stack":
        put(ROOT / "docs" / "operations.md", marker, stack(sys.stdin.read()))
    else:
        put(ROOT / "docs" / "tests.md", "timings", timings(sys.stdin.read(), int(options[0])))


if __name__ == "__main__":
    main(*sys.argv[1:])
