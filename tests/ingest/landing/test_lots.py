"""Which files are taken in together."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, row

from ingest.landing import lots as module
from ingest.landing.inbox import Drop
from ingest.landing.lots import lots


def dropped(desk: Desk, *files: tuple[int, int]) -> list[Drop]:
    """Files of a month each with the records of one person."""
    return [
        desk.drop(desk.write([row(serial)], f"名册_2020年{month:02d}月_{n}.csv"))
        for n, (month, serial) in enumerate(files)
    ]


def sizes(found: list[Drop]) -> list[int]:
    return [len(lot) for lot in lots(found)]


def test_small_new_files_go_together_as_many_as_fit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = dropped(desk, *((9, serial) for serial in range(7)))
    assert sizes(found) == [7]
    monkeypatch.setattr(module, "FILES", 3)
    assert sizes(found) == [3, 3, 1]
    monkeypatch.setattr(module, "BYTES", 2 * found[0].seen.st_size)
    assert sizes(found) == [2, 2, 2, 1]


def test_a_large_file_goes_alone_and_before_it_those_of_its_month(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small = dropped(desk, (8, 1), (9, 2))
    large = desk.drop(desk.write([row(n) for n in range(50)], "名册_2020年09月_9.csv"))
    later = desk.drop(desk.write([row(9)], "名册_2020年10月.csv"))
    monkeypatch.setattr(module, "SMALL", small[0].seen.st_size)
    assert list(lots([*small, large, later])) == [small, [large], [later]]
    assert list(lots([small[0], large, later])) == [[large], [small[0], later]]


def test_the_same_bytes_again_are_looked_at_when_what_came_before_has_landed(desk: Desk) -> None:
    first, second, again, other = dropped(desk, (9, 1), (9, 2), (9, 1), (8, 1))
    assert list(lots([first, second, again, other])) == [[first, second], [again], [other]]


def test_what_the_lake_has_goes_alone_and_waits_for_its_own_month_only(desk: Desk) -> None:
    first, second, third = dropped(desk, (9, 1), (9, 2), (8, 3))
    desk.take(first.path)
    first = desk.drop(first.path)
    assert list(lots([first, second, third])) == [[first], [second, third]]
    assert list(lots([third, second, first])) == [[third, second], [first]]
    assert list(lots([third, first, second])) == [[first], [third, second]]


def test_a_file_that_was_taken_away_goes_alone(desk: Desk) -> None:
    first, second, third = dropped(desk, (9, 1), (8, 2), (7, 3))
    Path(second.path).unlink()
    assert list(lots([first, second, third])) == [[second], [first, third]]
