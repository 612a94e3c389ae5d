"""Put what `make refresh` printed (standard input) into the README: the lines of tasks, outcome and cost."""

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def main() -> None:
    shown = [line.rstrip() for line in sys.stdin if re.search(r"[✓✗] |^夜间刷新|^已发布|^用时", line)]
    if not any(line.startswith("已发布") for line in shown):
        sys.exit("没有发布，README 不改 (nothing was published)")
    text = README.read_text("utf-8")
    block = "\n".join(["<!-- refresh -->", "```", *shown, "```", "<!-- /refresh -->"])
    README.write_text(re.sub(r"<!-- refresh -->.*?<!-- /refresh -->", lambda _: block, text, flags=re.S), "utf-8")


if __name__ == "__main__":
    main()
