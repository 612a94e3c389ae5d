"""A page as its marks and its texts: so is told whether anything that it was given became markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

WORD = "甲"
ATTACK = """<script src="x">'"&amp;<b onclick=a()>{{ 1 }}{% raw %}<!--"""


class Marks(HTMLParser):
    """marks: each tag with its attributes; text: what is shown; style: the stylesheet; ways: all that is pointed to."""

    def __init__(self, path: Path):
        super().__init__()
        self.marks: list[tuple[str, dict[str, str | None]]] = []
        self.text = self.style = ""
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.marks.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            self.style += data
        else:
            self.text += data

    @property
    def ways(self) -> list[str | None]:
        pointing = ("href", "src", "srcset", "action", "data", "poster", "xlink:href")
        return [attributes[name] for _, attributes in self.marks for name in pointing if name in attributes]

    def needs_nothing(self) -> bool:
        """Whether it runs no script, fetches nothing, and points at most to what lies beside it."""
        is_quiet = not any(
            tag in ("script", "link", "img", "iframe", "object", "base") or any(a.startswith("on") for a in attributes)
            for tag, attributes in self.marks
        )
        is_own = not any(way is None or re.match(r"[a-z]+:|/", way) for way in self.ways)
        return is_quiet and is_own and not re.search(r"url\(|@import|<", self.style)


def is_only_text(attacked: Marks, plain: Marks) -> bool:
    """Whether a page that was given ATTACK is the page that was given WORD, but for that word where it is shown."""
    marks = [
        (tag, {name: value and value.replace(WORD, ATTACK) for name, value in attributes.items()})
        for tag, attributes in plain.marks
    ]
    return WORD in plain.text and (attacked.marks, attacked.text) == (marks, plain.text.replace(WORD, ATTACK))
