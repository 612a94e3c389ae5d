"""公交线路站点: bus routes and their stops, inside one county and from one county to its neighbour."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.paper.defects import Columns, Defect, Defects, each, wrong_codes
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_counts, write_dates, write_flags
from sandbox.province.counts import Ints, join, share_out
from sandbox.province.days import day
from sandbox.province.draw import Keys, generator, mix, pair, pick
from sandbox.province.frame import read_frame
from sandbox.province.towns import read_towns, scatter
from sandbox.transport.county_adjacency import read_inner_pairs

ROUTES, CROSSING = 12_000, 250  # of the province; assumed; so many of them between neighbours
STOPS = 3  # of a route: two ends and one between, where a real route has some 30
SLOTS = 40  # stops that the routes of a unit share
POI = ["一般", "铁路客运站", "3A级以上景区"]
# Pairs of the 241 with an operating route at the year's end. 104: the plan's 43 %; 231: 95.9 %, short of 98.
LINKED = {2019: 88, 2020: 104, 2021: 131, 2022: 160, 2023: 188, 2024: 212, 2025: 231}
FIRST_CROSSING_NUMBER = 900_000
SUSPENDED, ENDED, PLANNED, NOTHING = 1, 2, 3, 4  # what an unlinked pair may have in place of a route


class Routes(NamedTuple):
    """n routes; days since 1900-01-01, 0 for no end."""

    number: Ints
    at: Ints  # (n, STOPS) unit of each stop
    since: Ints
    until: Ints
    halted: Ints  # 1 where suspended


@cache
def link_years(seed: int) -> Ints:
    """The year (241,) in which each pair is linked; 2026 where it is not linked by 2025. 苏南 comes first."""
    frame, pairs = read_frame(), read_inner_pairs()
    macro = dict(zip(frame.codes, frame.macro.tolist(), strict=True))
    lead = np.array([(macro[a] + macro[b]) / 2 for a, b in pairs.select("county_code_a", "county_code_b").iter_rows()])
    order = np.argsort(generator(seed, "links").normal(0, 1.2, len(lead)) - lead, kind="stable")
    return np.asarray(min(LINKED) + np.searchsorted(list(LINKED.values()), np.argsort(order), side="right"))


def write(inbox: Inbox, year: int) -> None:
    """公交线路站点_<year>年: routes known when the list is made, some of them suspended, ended or not yet opened."""
    local, crossing = _make_local(year, inbox.seed), _make_crossing(year, inbox.seed)
    number, at, since, until, halted = join(local, crossing)
    draw = generator(inbox.seed, "routes", year)
    row = np.arange(len(number)).repeat(STOPS)
    seq = np.tile(np.arange(STOPS), len(number))
    stop = at.ravel() * SLOTS + pick(_keys(number[row], seq), "slot", SLOTS)
    ids, stops = pl.Series(number).cast(pl.String).str.zfill(6), _make_stops()
    frame = pl.DataFrame(
        {
            "route_id": ("L" + ids).gather(row),
            "线路名称": ("模拟" + ids + "路").gather(row),
            "stop_seq": write_counts(seq + 1, draw),
            "stop_id": stops["id"].gather(stop),
            "county_code": read_frame().codes_in(year, at.ravel()),
            "township_code": stops["town"].gather(stop),
            "lon": stops["lon"].gather(stop),
            "lat": stops["lat"].gather(stop),
            "poi_type": stops["poi"].gather(stop),
            "is_operating": write_flags(halted[row] == 0, draw),
            "valid_from": write_dates(since[row], draw),
            "valid_to": write_dates(until[row], draw, until[row] == 0),
        }
    )
    inbox.send(__name__, year, frame, _defects(year))


def _make_local(year: int, seed: int) -> Routes:
    """The routes inside one unit, zones among them."""
    persons = read_frame().bands.sum(axis=(1, 2)).astype(float)
    least, routes = 5, ROUTES - CROSSING
    home = np.arange(len(persons)).repeat(least + share_out(routes - least * len(persons), persons))
    number = np.arange(len(home))
    keys = _keys(number, seed)
    ended = np.where(pick(keys, "ended", 40) == 0, day(2017 + pick(keys, "until", 9), 6, 30), 0)
    return Routes(
        number,
        home[:, None].repeat(STOPS, 1),
        day(2000 + pick(keys, "since", 17), 1 + pick(keys, "month", 12), 15),
        np.where(ended < day(year + 1), ended, 0),
        (pick(keys, f"halted{year}", 50) == 0).astype(np.int64),
    )


def _make_crossing(year: int, seed: int) -> Routes:
    """The routes between two neighbours: one or two where they are linked, else what does not count, or none."""
    linked = link_years(seed)
    pairs = np.arange(len(linked))
    state = np.where(linked <= year, 0, 1 + pick(_keys(pairs, seed), f"state{year}", NOTHING))
    pair = np.concatenate([pairs[state < NOTHING], pairs[(state == 0) & (pairs % 3 == 0)]])
    second = np.arange(len(pair)) >= np.count_nonzero(state < NOTHING)
    number = FIRST_CROSSING_NUMBER + 2 * pair + second
    keys, state = _keys(number, seed), state[pair]
    a, b = (_units_of(column)[pair] for column in ("county_code_a", "county_code_b"))
    began = np.where(linked[pair] == min(LINKED), 2008 + pick(keys, "before", 11), linked[pair])
    opened = day(began, 1 + pick(keys, "month", 12), 8)
    return Routes(
        number,
        np.stack([a, np.where(pick(keys, "middle", 2) == 0, a, b), b], 1),
        np.where(state == 0, opened, day(np.where(state == PLANNED, year + 1, 2012), 1, 20)),
        np.where(state == ENDED, day(year, 3 + pick(keys, "until", 9), 1), 0),
        (state == SUSPENDED).astype(np.int64),
    )


@cache
def _units_of(column: str) -> Ints:
    codes = read_frame().codes
    return np.array([codes.index(code) for code in read_inner_pairs()[column]])


@cache
def _make_stops() -> Columns:
    """id, town, lon, lat and poi of the stops: SLOTS by unit, going round its townships."""
    units = len(read_frame().codes)
    place, slot = np.arange(units).repeat(SLOTS), np.tile(np.arange(SLOTS), units)
    towns = [t for u in range(units) for t in np.resize([*read_towns(u)["township_code"]] or [""], SLOTS).tolist()]
    keys = _keys(place, slot)
    lon, lat = scatter(place, keys)
    return {
        "id": pl.Series(10_000_000 + place * 10_000 + slot).cast(pl.String).str.replace("1", "Z"),
        "town": pl.Series(towns),
        "lon": lon,
        "lat": lat,
        "poi": pl.Series(POI).gather(np.maximum(pick(keys, "poi", 20) - 17, 0)),
    }


def _keys(numbers: Ints, salt: Ints | int) -> Keys:
    return mix(pair(numbers, salt), "routes")


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_codes(year, "340523"),
        *each("pattern", route_id="一路", stop_id="Z12"),
        Defect("number_format", "stop_seq", "第三站"),
        *each("out_of_range", stop_seq="0", lat="118.796900"),
        *each("not_in_codes", poi_type="学校", is_operating="试运行"),
        Defect("date_impossible", "valid_from", f"{year - 1}-06-31"),
        Defect("date_format", "valid_to", "另行通知"),
        Defect("encoding", "poi_type", "一般".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
        Defect("required", "county_code", "—"),
    )
    return Defects(kinds, {"route_id": "L8{:05d}"}, {"is_operating": "否"})
