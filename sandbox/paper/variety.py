"""The forms that good cells take: every one of them must be accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import numpy as np
import polars as pl

from sandbox.province.counts import Bools, Ints
from sandbox.province.days import FIRST_DAY, LAST_DAY
from sandbox.province.towns import list_towns

NULL_MARKS = (None, "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详")
NULL_SHARES = (0.80, 0.05, 0.05, 0.01, 0.02, 0.02, 0.01, 0.02, 0.01, 0.005, 0.005)
DATE_SHARES = (0.97, 0.015, 0.005, 0.005, 0.005)
FULL_WIDTH = dict(zip("0123456789Xx", "０１２３４５６７８９Ｘｘ", strict=True))
# 㛃, 㑇 and 𬱖 take four bytes in GB18030.
SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶"
    "姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳㛃㑇"
)
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玉梅国华建文晨曦子涵宇轩梓萱浩然欣怡佳琪堃喆𬱖"
MONEY = 4000  # half yuan
ROADS = ("中山路", "解放路", "人民路", "建设路", "文化路", "新华街", "和平巷", "长江路", "幸福村一组", "朝阳新村")


@cache
def _dates() -> pl.Series:
    """Every day in five forms, then the null marks."""
    days = pl.date_range(FIRST_DAY, LAST_DAY, timedelta(days=1), eager=True)
    forms = ("%Y-%m-%d", "%Y/%-m/%-d", "%Y.%-m.%-d", "%Y年%-m月%-d日", "%Y%m%d")
    return pl.concat([*(days.dt.strftime(f) for f in forms), pl.Series(NULL_MARKS)])


def write_dates(days: Ints, draw: np.random.Generator, missing: Bools | None = None) -> pl.Series:
    """Days since 1900-01-01 as texts, in the forms that departments use; a null mark where missing."""
    count = (LAST_DAY - FIRST_DAY).days + 1
    index = days + count * _choose(draw, DATE_SHARES, len(days))
    if missing is not None:
        index = np.where(missing, 5 * count + _choose(draw, NULL_SHARES, len(days)), index)
    return _dates().gather(index)


def write_words(words: list[str], index: Ints, draw: np.random.Generator, missing: Bools | None = None) -> pl.Series:
    """Words by their index; a null mark where missing."""
    if missing is not None:
        index = np.where(missing, len(words) + _choose(draw, NULL_SHARES, len(index)), index)
    return pl.Series([*words, *NULL_MARKS]).gather(index)


def write_flags(is_so: Bools | Ints, draw: np.random.Generator, missing: Bools | None = None) -> pl.Series:
    """是 or 否; a null mark where missing."""
    return write_words(["否", "是"], is_so.astype(np.int64), draw, missing)


def write_towns(towns: Ints, draw: np.random.Generator, missing: Bools) -> pl.Series:
    """Codes of places in list_towns(); a null mark where missing."""
    return write_words(list_towns()["township_code"].to_list(), towns, draw, missing)


def write_texts(texts: pl.Series, draw: np.random.Generator, missing: Bools) -> pl.Series:
    """The texts; a null mark where missing."""
    return write_words(texts.to_list(), np.arange(len(texts)), draw, missing)


def write_months(months: Ints) -> pl.Series:
    """Months from the year 0 on like 2020-03."""
    texts = pl.Series(months // 12 * 100 + months % 12 + 1).cast(pl.String)
    return texts.str.slice(0, 4) + "-" + texts.str.slice(4)


def write_counts(numbers: Ints, draw: np.random.Generator) -> pl.Series:
    """Whole numbers as texts, one in 200 in full-width digits."""
    texts = pl.Series(numbers).cast(pl.String)
    return _replace(texts, draw.random(len(texts)) < 0.005, _widen)


@cache
def _amounts() -> pl.Series:
    """Every half yuan below 2,000 in four forms, then the null marks."""
    plain = [f"{n / 2:.2f}" for n in range(MONEY)]
    grouped = [f"{n / 2:,.2f}" for n in range(MONEY)]
    return pl.Series([*plain, *(f"{p}元" for p in plain), *(f"￥{p}" for p in plain), *grouped, *NULL_MARKS])


def write_money(half_yuan: Ints, draw: np.random.Generator) -> pl.Series:
    """Amounts in half yuan, below 4,000, as texts: 35.00, sometimes 35元, ￥35.00 or 1,280.00; a few null marks."""
    form = np.where(half_yuan >= 2000, 3, _choose(draw, (0.98, 0.01, 0.01), len(half_yuan)))
    missing = draw.random(len(half_yuan)) < 0.02
    marks = 4 * MONEY + _choose(draw, NULL_SHARES, len(half_yuan))
    return _amounts().gather(np.where(missing, marks, half_yuan + MONEY * form))


def write_ids(ids: pl.Series, draw: np.random.Generator) -> pl.Series:
    """Citizen numbers: some in lower case, quoted, widened or between blanks; born before 2000, some of 15 digits."""
    u = draw.random(len(ids))
    old = (ids.str.slice(6, 2) == "19").to_numpy()
    ids = _replace(ids, (u < 0.004) & old, lambda s: s.str.slice(0, 6) + s.str.slice(8, 9))
    ids = _replace(ids, (u >= 0.004) & (u < 0.02), lambda s: s.str.to_lowercase())
    ids = _replace(ids, (u >= 0.02) & (u < 0.022), lambda s: "'" + s)
    ids = _replace(ids, (u >= 0.022) & (u < 0.024), _widen)
    return _replace(ids, (u >= 0.024) & (u < 0.026), lambda s: " " + s + " ")


@cache
def _names() -> pl.Series:
    draw = np.random.Generator(np.random.PCG64(0))
    family, first, second = (draw.integers(0, n, 40_000) for n in (len(SURNAMES), len(GIVEN), len(GIVEN) + 20))
    return pl.Series([SURNAMES[f] + GIVEN[g] + GIVEN[h : h + 1] for f, g, h in zip(family, first, second, strict=True)])


def write_names(index: Ints) -> pl.Series:
    """A name for every number, always the same."""
    return _names().gather(index % 40_000)


def write_addresses(places: list[str], place: Ints, number: Ints, draw: np.random.Generator) -> pl.Series:
    """A street address by place (a township's full name); one in 4,000 has a line break in the cell."""
    streets = pl.Series(places).gather(place) + pl.Series(ROADS).gather(number % len(ROADS))
    doors = pl.Series(1 + number % 400).cast(pl.String) + "号"
    return _replace(streets + doors, draw.random(len(place)) < 0.00025, lambda s: s + "\n（“老宅”,后门）")


def _choose(draw: np.random.Generator, shares: tuple[float, ...], n: int) -> Ints:
    return np.minimum(np.searchsorted(np.cumsum(shares), draw.random(n), side="right"), len(shares) - 1)


def _widen(texts: pl.Series) -> pl.Series:
    return texts.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values()))


def _replace(texts: pl.Series, where: Bools, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    rows = np.flatnonzero(where)
    return texts.scatter(rows, change(texts.gather(rows))) if len(rows) else texts
