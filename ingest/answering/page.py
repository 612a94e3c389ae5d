"""A reply as a page that needs nothing but itself."""

from __future__ import annotations

from pathlib import Path

from ingest.answering.reply import Reply
from ingest.pages import render

MOST = 200  # rows of a table


def write_page(path: Path, reply: Reply) -> None:
    render.write(path, "ingest/answering/receipt.html.j2", reply=reply, most=MOST, is_simulated=reply.is_simulated)
