"""Put what `make refresh` printed (standard input) into the README: tasks (ingest summed), outcome and cost."""

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def main() -> None:
    lines = [line.rstrip() for line in sys.stdin if re.search(r"[✓✗] |^夜间刷新|^已发布|^用时", line)]
    seconds = [float(line.split()[0]) for line in lines if "✓ 入库" in line]
    total = f"{sum(seconds):8.1f} 秒  ✓ 入库 {len(seconds)} 个数据集"
    first = next(i for i, line in enumerate(lines) if "✓ 入库" in line)
    shown = [*lines[:first], total, *(line for line in lines[first:] if "✓ 入库" not in line)]
    if not any(line.startswith("已发布") for line in shown):
        sys.exit("没有发布，README 不改 (nothing was published)")
    text = README.read_text("utf-8")
    block = "\n".join(["<!-- refresh -->", "```", *shown, "```", "<!-- /refresh -->"])
    README.write_text(re.sub(r"<!-- refresh -->.*?<!-- /refresh -->", lambda _: block, text, flags=re.S), "utf-8")


if __name__ == "__main__":
    main()
