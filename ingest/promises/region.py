"""Codes of counties and functional zones, the years in which they are valid and the area that may report them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import polars as pl

from ingest import settings

PROVINCE = "320000"


@dataclass(frozen=True)
class Regions:
    """codes: code (6 digits), name, valid_from, valid_to (years, inclusive), successor_code (several: with ;);
    scope: the reporting area."""

    codes: pl.DataFrame
    scope: str = PROVINCE

    @cached_property
    def cities(self) -> set[str]:
        """Codes of the province's 13 cities."""
        return set(self.codes["code"].str.slice(0, 4) + "00")

    def check(self, texts: pl.Series, year: int) -> tuple[pl.Series, pl.Series]:
        """Codes -> (codes, null where bad; reasons: region_length when it has not six digits, unknown_region,
        expired_region when not valid in the year, or outside_scope when of another city than the one that reports)."""
        code = pl.col("code")
        is_known = code.is_in(self.codes["code"].to_list())
        valid = self.codes.filter(pl.lit(year).is_between("valid_from", "valid_to"))["code"]
        is_ours = code.str.starts_with(self.scope[:4]) if self.scope != PROVINCE else pl.lit(True)
        reason = (
            pl.when(code.str.contains("^[0-9]+([.]0*)?$") & ~code.str.contains("^[0-9]{6}$"))
            .then(pl.lit("region_length"))
            .when(~is_known)
            .then(pl.lit("unknown_region"))
            .when(~code.is_in(valid.to_list()))
            .then(pl.lit("expired_region"))
            .when(~is_ours)
            .then(pl.lit("outside_scope"))
        )
        found = texts.to_frame("code").select(code, reason=reason)
        return found["code"].set(found["reason"].is_not_null(), None), found["reason"]


@cache
def read_regions(scope: str = PROVINCE) -> Regions:
    """ingest/reference/county_codes.csv."""
    frame = pl.read_csv(
        settings.REFERENCE / "county_codes.csv", comment_prefix="#", schema_overrides={"code": pl.String}
    )
    return Regions(frame.with_columns(pl.col("valid_to").fill_null(9999)), scope)
