"""What the codes of published tables mean: each column's codes in Chinese and English."""

from __future__ import annotations

import polars as pl
import yaml

from ingest import settings

SCHEMA = dict.fromkeys(("column_name", "code", "name_zh", "name_en", "meaning_zh"), pl.String)


def read_vocabulary() -> pl.DataFrame:
    """A row per column and code, in the order of the file."""
    said = yaml.safe_load((settings.ROOT / "ingest" / "vocabulary.yaml").read_text("utf-8"))
    rows = [(column, code, *words) for column, codes in said.items() for code, words in codes.items()]
    return pl.DataFrame(rows, SCHEMA, orient="row")
