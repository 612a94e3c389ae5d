"""Codes of counties and functional zones, the years in which they are valid and the area that may report them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from ingest import settings

PROVINCE = "320000"


@dataclass(frozen=True)
class Regions:
    """codes: code (6 digits), valid_from, valid_to (years, inclusive); scope: the reporting area."""

    codes: pl.DataFrame
    scope: str = PROVINCE

    @property
    def cities(self) -> set[str]:
        """Codes of the province's 13 cities."""
        return set(self.codes["code"].str.slice(0, 4) + "00")

    def check(self, texts: pl.Series, year: int) -> tuple[pl.Series, pl.Series]:
        """Codes -> (codes, null where bad; reasons: unknown_region, expired_region when not valid in the year, or
        outside_scope when of another city than the one that reports)."""
        known = texts.is_in(self.codes["code"].to_list())
        valid = texts.is_in(self.codes.filter(pl.lit(year).is_between("valid_from", "valid_to"))["code"].to_list())
        reasons = pl.Series("reason", [None], pl.String).new_from_index(0, len(texts))
        reasons = reasons.set(~known.fill_null(True), "unknown_region")
        reasons = reasons.set((known & ~valid).fill_null(False), "expired_region")
        if self.scope != PROVINCE:
            reasons = reasons.set((valid & ~texts.str.starts_with(self.scope[:4])).fill_null(False), "outside_scope")
        return texts.set(reasons.is_not_null(), None), reasons


@cache
def read_regions(scope: str = PROVINCE) -> Regions:
    """ingest/reference/county_codes.csv."""
    frame = pl.read_csv(
        settings.REFERENCE / "county_codes.csv", comment_prefix="#", schema_overrides={"code": pl.String}
    )
    return Regions(frame.select("code", "valid_from", pl.col("valid_to").fill_null(9999)), scope)
