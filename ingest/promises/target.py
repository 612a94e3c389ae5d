"""Targets as the plan prints them: one small grammar, from the printed text to a kind, a value and a baseline."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

PRINTED = re.compile(r"(?P<open>〔)?(?P<sign>[≥≤<>])?(?P<number>[0-9]+(\.[0-9]+)?)(?P<about>左右)?(?(open)〕)")
BASELINE = re.compile(r"(?P<sign>≥)?(?P<number>[0-9]+(\.[0-9]+)?)|—")
SIGNS = {"≥": "at_least", ">": "more_than", "≤": "at_most", "<": "less_than"}
CUMULATIVE = {"≥": "cumulative", ">": "cumulative_more_than"}


class PlanError(ValueError):
    """A plan that cannot be used: names the file and the key."""


@dataclass(frozen=True)
class Target:
    """A target in the indicator's unit; no baseline where — is printed, a tolerance only where 左右 is."""

    kind: str
    value: Decimal
    baseline: Decimal | None
    baseline_kind: str  # exact, at_least, none
    tolerance: Decimal | None


def parse_target(printed: str, baseline: str, direction: str, inferred_cumulative: bool = False) -> Target:
    """Target and baseline as printed in 表2, in the indicator's unit; raises PlanError.

    ≥ ≤ > < (full-width too) or no sign; 〔〕 for the five years' total; 左右 for a tolerance of half a unit of the last
    printed digit. A target that the baseline already meets is a floor or, lower being better, a ceiling.
    """
    found, start = (p.fullmatch(_plain(text)) for p, text in ((PRINTED, printed), (BASELINE, baseline)))
    if not found or not start:
        raise PlanError(f"不合目标语法：“{printed}”，基期“{baseline}” (target or baseline cannot be parsed)")
    higher = direction == "higher_better"
    sign = found["sign"] or ("≥" if higher else "≤")
    cumulative = bool(found["open"]) or inferred_cumulative
    if (sign in "≥>") != higher or (cumulative and not higher):
        raise PlanError(f"目标“{printed}”与方向 {direction} 相反 (the target contradicts the direction)")
    if (found["about"] and (found["sign"] or cumulative)) or (found["open"] and inferred_cumulative):
        raise PlanError(f"目标“{printed}”的记号相互重复 (two signs where one is meant)")
    value, first = Decimal(found["number"]), Decimal(start["number"]) if start["number"] else None
    baseline_kind = "none" if first is None else "at_least" if start["sign"] else "exact"
    kind = CUMULATIVE[sign] if cumulative else "about" if found["about"] else SIGNS[sign]
    # A strict sign stays strict; of a baseline ≥98 only the lower side is known.
    if first is not None and not cumulative and sign in "≥≤":
        if higher and first >= value:
            kind = "floor"
        elif not higher and first <= value and baseline_kind == "exact":
            kind = "ceiling"
    tolerance = Decimal(5).scaleb(-1 - len(found["number"].partition(".")[2])) if found["about"] else None
    return Target(kind, value, first, baseline_kind, tolerance)


def count_decimals(printed: str) -> int | None:
    """Decimals of a printed baseline, whatever its sign; None where — is printed."""
    found = BASELINE.fullmatch(_plain(printed))
    return len(found["number"].partition(".")[2]) if found and found["number"] else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")
