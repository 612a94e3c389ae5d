"""A register of persons with every kind of cell, good and bad, and its contract: what the bench takes in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from ingest import settings
from ingest.words import SIMULATED
from sandbox.paper.variety import FULL_WIDTH, ROADS, write_names
from sandbox.province.citizen import number, scientific, write_citizen
from sandbox.province.counts import Ints
from sandbox.province.draw import generator
from sandbox.province.frame import REFERENCE

BLOCK = 200_000
FILE = f"人员名册_2024年_{SIMULATED}.csv"
TEXTS = ("name", "address")


def write_contract(path: Path, keeps_texts: bool) -> None:
    """The contract of the register; names and addresses are kept, or never read."""
    contract = read_contract()
    (table,) = contract["schema"]
    contract["id"], table["name"] = f"{path.parent.name}.{path.stem}", path.stem
    if not keeps_texts:
        (ignored,) = table["customProperties"]
        ignored["value"] = [p["physicalName"] for p in table["properties"] if p["name"] in TEXTS]
        table["properties"] = [p for p in table["properties"] if p["name"] not in TEXTS]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), "utf-8")


def read_contract() -> dict[str, Any]:
    """As it stands in the reference, with all columns."""
    contract: dict[str, Any] = yaml.safe_load((REFERENCE / "register.yaml").read_text("utf-8"))
    return contract


def read_words() -> dict[str, list[str]]:
    """The words of each column with codes, by its header."""
    columns = read_contract()["schema"][0]["properties"]
    return {p["physicalName"]: [code["label"] for code in p["enum"]] for p in columns if "enum" in p}


def write_roll(folder: Path, rows: int) -> None:
    """The register in GB18030 (FILE) and in UTF-8 (utf8.csv), block by block."""
    with (folder / FILE).open("wb") as source, (folder / "utf8.csv").open("wb") as utf8:
        for n, frame in enumerate(_blocks(rows)):
            text = frame.write_csv(include_header=n == 0)
            utf8.write(text.encode())
            source.write(text.encode("gb18030"))


def write_small(folder: Path, files: int, rows: int) -> None:
    """At most 4,000 files of a few rows: in GB18030 for four years, again and again, in folder/inbox; in UTF-8 in
    folder/utf8."""
    inbox, utf8 = folder / "inbox" / "bench" / "whole", folder / "utf8"
    inbox.mkdir(parents=True)
    utf8.mkdir()
    whole = pl.concat(_blocks(files * rows))
    for n in range(files):
        text = whole.slice(n * rows, rows).write_csv()
        name = f"人员名册_{2021 + n % 4}年_{n // 4}_{SIMULATED}.csv"
        (inbox / name).write_bytes(text.encode("gb18030"))
        (utf8 / f"{n}.csv").write_bytes(text.encode())


def _blocks(rows: int) -> Iterator[pl.DataFrame]:
    units = pl.read_csv(settings.REFERENCE / "county_codes.csv", comment_prefix="#", infer_schema=False)
    for start in range(0, rows, BLOCK):
        yield _block(min(BLOCK, rows - start), units.filter(pl.col("valid_to").is_null()), generator(14, "roll", start))


def _block(n: int, units: pl.DataFrame, draw: np.random.Generator) -> pl.DataFrame:
    """n persons, a few of whom come twice; units: code, name."""
    cohort = draw.integers(0, 100, n), draw.integers(1935, 2025, n)
    born, seventeen = number(*cohort, draw.integers(0, 350_000, n), np.zeros(n, np.int64))
    unit, door, cents = (draw.integers(0, most, n) for most in (len(units), 900, 2_000_000))
    streets = "江苏省" + units["name"].gather(unit) + pl.Series(ROADS).gather(door % len(ROADS))
    columns = {
        "身份证号": _ids(write_citizen(seventeen), draw),
        "姓名": write_names(draw.integers(0, 40_000, n)),
        "出生日期": _dates(_day(born), draw),
        "县区代码": units["code"].gather(unit),
        **{header: pl.Series(words).gather(draw.integers(0, len(words), n)) for header, words in read_words().items()},
        "缴费金额": _amounts(cents, draw),
        "参保日期": _day(draw.integers(40_179, 45_179, n)).dt.strftime("%Y-%m-%d"),
        "住址": _some(streets + pl.Series(door).cast(pl.String) + "号", 5000, draw, '备注第一行\n第二行"引号"'),
    }
    return pl.DataFrame(columns)


def _some(texts: pl.Series, one_in: int, draw: np.random.Generator, *forms: pl.Series | str) -> pl.Series:
    """texts, but one in so many takes each of these forms."""
    form = draw.integers(0, one_in, len(texts))
    for n, other in enumerate(forms):
        others = other if isinstance(other, pl.Series) else pl.Series([other]).new_from_index(0, len(texts))
        texts = texts.zip_with(pl.Series(form != n), others)
    return texts


def _ids(ids: pl.Series, draw: np.random.Generator) -> pl.Series:
    wide = ids.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values()))
    old, broken = ids.str.slice(0, 6) + ids.str.slice(8, 9), ids.str.slice(0, 17) + "?"
    good = old, ids.str.to_lowercase(), wide, " " + ids + " ", "'" + ids
    return _some(ids, 2000, draw, *good, broken, scientific(ids[0]), "")


def _day(days: Ints) -> pl.Series:
    """Days since 1900-01-01 as dates."""
    return pl.Series(days - 25_567).cast(pl.Int32).cast(pl.Date)


def _dates(days: pl.Series, draw: np.random.Generator) -> pl.Series:
    plain, *forms = (days.dt.strftime(f) for f in ("%Y-%m-%d", "%Y年%-m月%-d日", "%Y/%-m/%-d"))
    return _some(plain, 3000, draw, *forms, "1999-02-30")


def _amounts(cents: Ints, draw: np.random.Generator) -> pl.Series:
    yuan = (pl.Series(cents).cast(pl.Decimal(12, 2)) / 100).cast(pl.Decimal(12, 2)).cast(pl.String)
    return _some(yuan, 1000, draw, "—", "-", "1,533.50", "暂无")
