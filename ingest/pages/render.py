"""Facts become a page: templates hold the markup, and nothing that they are given is markup."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest import settings, words


@cache
def environment() -> Environment:
    """A template is named by its path in the project, whichever package it lies in; it is compiled once a process."""
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FileSystemLoader(settings.ROOT),
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["words"] = words
    return made


def write(path: Path, template: str, **facts: Any) -> None:
    path.write_text(environment().get_template(template).render(facts), "utf-8")
