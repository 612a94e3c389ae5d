"""Data Docs: what Great Expectations itself says of an audit, made to need nothing but itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from ingest.pages import render

FETCHED = re.compile(  # what comes from other machines or needs a script, and the footer that reports to them
    r"<script.*?</script>|<link[^>]*>|<img[^>]*>|<style>.*?</style>|<footer>.*?</footer>|<label.*?</label>"
    r'| (?:href|src)="(?!#)[^"]*"',
    re.S,
)
BODY = re.compile("<body[^>]*>(.*)</body>", re.S)


def write_docs(folder: Path, results: Mapping[str, Any], simulated: bool) -> None:
    """Write a page for each table's validation result."""
    folder.mkdir(exist_ok=True)
    renderer, view = ValidationResultsPageRenderer(), DefaultJinjaPageView()
    for table, result in results.items():
        _escape(result)
        page = FETCHED.sub("", view.render(renderer.render(result)))  # type: ignore[no-untyped-call]
        (body,) = BODY.findall(page)
        facts = {"table": table, "body": body, "is_simulated": simulated}
        render.write(folder / f"{table}.html", "expectations/docs.html.j2", **facts)


def _escape(result: Any) -> None:
    """The traceback of a rule that crashed may hold a department's text, and GX would put it into its page as it is."""
    infos = [rule.exception_info or {} for rule in result.results]
    for info in [*infos, *(part for said in infos for part in said.values() if isinstance(part, dict))]:
        if info.get("exception_traceback"):
            info["exception_traceback"] = escape(info["exception_traceback"])
