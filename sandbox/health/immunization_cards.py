"""预防接种卡: a register that is told by its changes; the file of 2019 holds every card, later ones what changed."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.paper.defects import RAGGED, Defect, Defects, each, ways, wrong_codes, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_ids, write_names, write_towns, write_words
from sandbox.province.children import STAYS, Children, Spells, find_children, find_spells, list_blocks, migrant_shares
from sandbox.province.citizen import stranger
from sandbox.province.counts import Bools, Ints, join, take
from sandbox.province.days import day
from sandbox.province.draw import generator, mix, pick, unit
from sandbox.province.frame import ELSEWHERE, read_frame
from sandbox.province.towns import list_towns

SINCE = FIRST = 2019  # the year whose file holds every card: it is written whatever is asked for
OPERATIONS = ["新增", "变更", "注销"]
ADDED, CHANGED, CANCELLED = range(3)
CHECKS = np.array([30, 90, 180, 240, 365, 540, 730, 900, 1095, 1460, 1825, 2190])  # ages (days) of 0—6岁儿童眼保健
SETTLING = 60  # one in so many children of elsewhere gets the hukou of the first home in a year: assumed
TWICE = 0.004  # children who once got a second card by mistake, which is cancelled a year later
UPDATED = 0.03  # cards that a check of the eyes changes, of a year: assumed


def write(inbox: Inbox, year: int) -> None:
    """预防接种卡变更_<year>年: in 2019 all cards are new."""
    blocks = list_blocks(inbox.scale)
    with inbox.open(__name__, year, _defects(year)) as file:
        for i, block in enumerate(blocks):
            children = find_children(*block, inbox.scale, inbox.seed)
            spells = find_spells(*block, inbox.scale, inbox.seed)
            changes, mistakes = (find(children, spells, year) for find in (_find_changes, _find_mistakes))
            told, operation = join(changes[0], mistakes[0]), np.concatenate([changes[1], mistakes[1]])
            file.append(_rows(children, told, operation, year, inbox.seed, i), (i + 1) / len(blocks))


def _find_changes(children: Children, spells: Spells, year: int) -> tuple[Spells, Ints]:
    """The spells that a year's file tells of, as known at its end, and what it says of each (place in OPERATIONS)."""
    start, end, child = day(year), day(year + 1), spells.child
    is_new = (spells.since >= start) | (year == FIRST)
    is_ended = (spells.until >= start) & (spells.until < end)
    is_open = (spells.until == 0) | (spells.until >= end)
    settled = ~_is_local(children, year - 1) & _is_local(children, year)
    checked = (unit(mix(children.keys, year), "checked") < UPDATED) & (children.birth_year > year - 7)
    changed = is_ended | (is_open & (settled | checked)[child])
    rows = np.flatnonzero((spells.since < end) & (is_new | changed))
    told = take(spells, rows)
    return told._replace(until=np.where(told.until < end, told.until, 0)), np.where(is_new[rows], ADDED, CHANGED)


def _find_mistakes(children: Children, spells: Spells, year: int) -> tuple[Spells, Ints]:
    """Second cards of children who never move, and those of the year before, cancelled."""
    made = children.birth_year + 1 + pick(children.keys, "made", 4)
    wrong = (unit(children.keys, "twice") < TWICE) & (children.fate == STAYS) & (made >= FIRST)
    rows = np.flatnonzero(wrong & ((made == year) | (made == year - 1)))
    since = day(made[rows]) + pick(children.keys[rows], "begun", 300)
    told = take(spells, rows)  # a child's first spell stands in the child's row
    return told._replace(since=since), np.where(made[rows] == year, ADDED, CANCELLED)


def _is_local(children: Children, year: int) -> Bools:
    """Whether the hukou is at the first home at the end of a year: some get it there in a year of their own."""
    settled = children.birth_year + 1 + pick(children.keys, "settled", SETTLING)
    return (unit(children.keys, "hukou") >= migrant_shares()[children.home]) | (settled <= year)


def _rows(children: Children, spells: Spells, operation: Ints, year: int, seed: int, block: int) -> pl.DataFrame:
    """Of a card that is cancelled nothing is told but its key."""
    draw, child, n = generator(seed, "cards", year, block), spells.child, len(spells.child)
    keys, labels = children.keys[child], read_frame().labels(year)
    none = draw.random(n) < 0.01
    first = np.searchsorted(list_towns()["unit"].to_numpy(), np.arange(len(labels) + 1))
    none |= (first[1:] == first[:-1])[spells.unit]
    birthday = children.birthday[child]
    seen = np.searchsorted(CHECKS, day(year + 1) - birthday - 30)
    unseen = (seen == 0) | (unit(keys, "unseen") < 0.04)
    frame = pl.DataFrame(
        {
            "child_key": write_ids(children.ids.gather(child), draw),
            "儿童姓名": write_names(pick(keys, "name", 40_000)),
            "birth_date": write_dates(birthday, draw),
            "sex": pl.Series(["男", "女"]).gather((unit(keys, "sex") < 0.475).astype(int)),
            "county_code": read_frame().codes_in(year, spells.unit),
            "resident_township": write_towns(first[spells.unit] + spells.town, draw, none),
            "resident_since": write_dates(spells.since, draw),
            "resident_until": write_dates(spells.until, draw, spells.until == 0),
            "vision_check_date": write_dates(birthday + CHECKS[seen - 1] + pick(keys, "seen", 30), draw, unseen),
            "hukou_county": _hukou(children, child, labels, year, draw),
            "operation": pl.Series(OPERATIONS).gather(operation),
        }
    )
    told = pl.Series(operation != CANCELLED)
    kept = ("child_key", "儿童姓名", "resident_since", "operation")
    return frame.with_columns(pl.when(told).then(pl.exclude(*kept)).name.keep())


def _hukou(children: Children, child: Ints, labels: list[str], year: int, draw: np.random.Generator) -> pl.Series:
    keys, home, n = children.keys[child], children.home[child], len(labels)
    other = np.where(unit(keys, "afar") < 0.5, pick(keys, "county", n), n + pick(keys, "afar", len(ELSEWHERE)))
    at = np.where(_is_local(children, year)[child], home, other)
    return write_words([*labels, *ELSEWHERE], at, draw, unit(keys, "unknown") < 0.005)


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("child_key"),
        Defect("required", "child_key", "不详"),
        *ways("birth_date", date_impossible=f"{year - 1}-02-30", required="…"),
        Defect("not_in_codes", "sex", "男孩"),
        *wrong_codes(year, "329906"),
        *each("pattern", resident_township="32010200", hukou_county="外省"),
        Defect("required", "resident_since", "—"),
        Defect("date_format", "resident_until", "暑假"),
        *ways("operation", not_in_codes="迁出", required="", encoding="新增".encode("gb18030")[:-1]),
        *RAGGED,
    )
    # another child's card is new: of a card that is cancelled much may be missing
    told = {"birth_date": f"{year - 1}-05-20", "sex": "女", "county_code": "320102", "operation": "新增"}
    return Defects(kinds, {"child_key": stranger(year, 9), **told}, {"vision_check_date": ""})
