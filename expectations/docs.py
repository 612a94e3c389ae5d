"""Data Docs: Great Expectations' own pages of an audit, made to need nothing but themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

FETCHED = re.compile(  # what comes from other machines or needs a script, and the footer that reports to them
    r"<script.*?</script>|<link[^>]*>|<img[^>]*>|<style>.*?</style>|<footer>.*?</footer>|<label.*?</label>"
    r'| (?:href|src)="(?!#)[^"]*"',
    re.S,
)
STYLE = """<style>
  body { font: 14px/1.6 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; max-width: 70em; margin: auto; padding: 1em }
  table { border-collapse: collapse; width: 100% }
  td, th { border-bottom: 1px solid #ddd; padding: 4px 8px; text-align: left }
  .hide, .modal, .d-none { display: none }
  .banner { background: #fff3cd; border: 1px solid #b58900; padding: 8px 12px; font-weight: bold }
  .fa-check-circle::before { content: "✔" }
  .fa-times::before { content: "✘" }
</style>
</head>"""


def write_docs(folder: Path, results: Mapping[str, Any], banner: str) -> None:
    """Write a page for each table's validation result; banner: HTML at its top."""
    folder.mkdir(exist_ok=True)
    renderer, view = ValidationResultsPageRenderer(), DefaultJinjaPageView()
    for table, result in results.items():
        page = FETCHED.sub("", view.render(renderer.render(result)))  # type: ignore[no-untyped-call]
        page = re.sub("<body[^>]*>", lambda body: f"{body[0]}\n{banner}", page.replace("</head>", STYLE, 1), count=1)
        (folder / f"{table}.html").write_text(page, "utf-8")
