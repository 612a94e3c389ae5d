"""Citizen numbers against GB 11643 done digit by digit, and pseudonyms against the hmac module."""

from __future__ import annotations

import hmac
import re
import uuid
from datetime import date

import polars as pl
import pytest
from desk import check_digit, citizen
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.conforming.citizen import check, hold, is_plainly_right, pseudonymise
from ingest.exchange import Texts

EXAMPLES = ("11010519491231002X", "440524188001010014")  # printed in GB 11643-1999
DATES = st.dates(date(1800, 1, 1), date(2150, 12, 31)).map(lambda d: d.strftime("%Y%m%d"))
EIGHT = st.integers(0, 99_999_999).map(lambda n: f"{n:08d}")
SEVENTEEN = st.builds("{:06d}{}{:03d}".format, st.integers(0, 999_999), DATES | EIGHT, st.integers(0, 999))


def is_good(number: str) -> bool:
    """GB 11643 by hand: 17 digits and a check digit, the first digit not 0, a birth date from 1850 to 2099."""
    if len(number) != 18 or not set(number[:17]) <= set("0123456789") or number[0] == "0":
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1850 <= born.year < 2100 and number[17].upper() == check_digit(number[:17])


def renew(fifteen: str) -> str:
    seventeen = fifteen[:6] + "19" + fifteen[6:]
    return seventeen + check_digit(seventeen)


def check_one(text: str | None) -> tuple[str | None, str | None]:
    numbers, reasons = check(pl.Series([text], dtype=pl.String))
    return numbers[0], reasons[0]


@pytest.mark.parametrize("number", EXAMPLES)
def test_the_standards_own_examples_are_valid(number: str) -> None:
    assert check_one(number) == (number, None)


@given(
    st.lists(SEVENTEEN.flatmap(lambda s: st.sampled_from([s + check_digit(s), *(s + c for c in "059Xx")])), max_size=20)
)
def test_a_number_is_accepted_exactly_when_the_standard_accepts_it(numbers: list[str]) -> None:
    found, reasons = check(pl.Series(numbers, dtype=pl.String))
    assert found.to_list() == [n.upper() if is_good(n) else None for n in numbers]
    assert [r is None for r in reasons] == [is_good(n) for n in numbers]
    as_they_stand = [is_good(n) and n == n.upper() for n in numbers]
    assert is_plainly_right(pl.Series(numbers, dtype=pl.String)).tolist() == as_they_stand


@given(
    st.lists(
        st.text(st.sampled_from("0123456789Xx ０E.+-\x00一"), min_size=18, max_size=18)
        | SEVENTEEN.map(lambda s: s[:15])
        | st.text(max_size=20),
        max_size=20,
    )
)
@example(["²20102194001010010", "32010219400101001ß", "", "٣20102194001010010"])
def test_any_text_is_accepted_exactly_when_the_standard_accepts_it(texts: list[str]) -> None:
    full = [renew(t) if len(t) == 15 and set(t) <= set("0123456789") else t for t in texts]
    given = pl.Series([*texts, None], dtype=pl.String)
    assert check(given)[0].to_list() == [*(n.upper() if is_good(n) else None for n in full), None]
    assert is_plainly_right(given).tolist() == [*(is_good(n) and n == n.upper() for n in texts), False]


@given(SEVENTEEN.filter(lambda s: s[6:8] == "19"))
def test_fifteen_digits_become_the_eighteen_of_the_same_person(seventeen: str) -> None:
    old = seventeen[:6] + seventeen[8:]
    assert check_one(old)[0] == (renew(old) if is_good(renew(old)) else None)


def test_the_old_form_of_the_standards_example_is_the_same_person() -> None:
    assert check_one("110105491231002") == (EXAMPLES[0], None)
    assert check_one("11010519491231002x") == (EXAMPLES[0], None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("110105194912310021", "id_check_digit"),
        ("110105190002290026", "id_birth_date"),  # 1900 was no leap year
        ("110105184912310027", "id_birth_date"),  # nobody born in 1849 lives
        ("110105491331002", "id_birth_date"),
        ("110105210001010015", "id_birth_date"),
        ("3.20106E+17", "id_scientific"),
        ("3.20106e17", "id_scientific"),
        ("3E17", "id_scientific"),
        ("11010519491231002", "id_format"),
        ("1101051949123100200", "id_format"),
        ("01010519491231002X", "id_format"),
        ("110105X9491231002X", "id_format"),
        ("护照E12345678", "id_format"),
        ("1101054912310021 ", "id_format"),
    ],
)
def test_a_bad_number_says_what_is_wrong_with_it(text: str, reason: str) -> None:
    assert check_one(text) == (None, reason)


def test_every_single_wrong_digit_is_found() -> None:
    good = EXAMPLES[1]
    wrong = [good[:i] + d + good[i + 1 :] for i in range(18) for d in "0123456789" if d != good[i]]
    assert check(pl.Series(wrong))[0].null_count() == len(wrong) == 18 * 9


def test_a_missing_number_is_neither_good_nor_bad() -> None:
    assert check_one(None) == (None, None)
    numbers, reasons = check(pl.Series([], dtype=pl.String))
    assert (len(numbers), len(reasons)) == (0, 0)


@pytest.mark.parametrize("key", ["0f" * 32, "a1" * 40], ids=["as long as a block", "longer than a block"])
@given(numbers=st.lists(st.integers(0, 999).map(citizen) | st.none(), max_size=30))
def test_a_pseudonym_is_the_first_half_of_the_keyed_hash(key: str, numbers: list[str | None]) -> None:
    digests = [n and hmac.digest(key.encode(), n.encode(), "sha256")[:16] for n in numbers]
    made = pseudonymise(pl.Series(numbers, dtype=pl.String), key)
    assert made.to_pylist() == [d and uuid.UUID(bytes=d) for d in digests]


def test_pseudonyms_of_some_rows_are_those_of_the_whole() -> None:
    numbers = pl.Series([citizen(i) for i in range(100)])
    whole = pseudonymise(numbers, "0f" * 32).to_pylist()
    assert len(set(whole)) == 100
    assert pseudonymise(numbers[40:60], "0f" * 32).to_pylist() == whole[40:60]
    assert pseudonymise(numbers.filter(pl.arange(100, eager=True) % 7 == 0), "0f" * 32).to_pylist() == whole[::7]
    assert pseudonymise(numbers[:1], "0e" * 32).to_pylist() != whole[:1]


@pytest.mark.parametrize(
    ("text", "is_personal"),
    [
        (citizen(1), True),
        (f"个体户{citizen(1)}，张三", True),
        (f"{EXAMPLES[0].lower()}（旧）", True),
        (f"12345678901234567 {citizen(1)}", True),
        (f"{citizen(1)}和{citizen(2)[:17]}", True),
        (citizen(1)[:6] + "400101001", True),
        (citizen(1)[:6] + "401301001", False),  # of no month
        ("电话" + citizen(1)[:6] + "400101001", False),
        (citizen(1)[:17] + ("0" if citizen(1)[17] != "0" else "1"), False),
        (f"1{citizen(1)}", True),  # a digit too many at either end
        (f"甲{citizen(1)}12", True),
        ("9" * 30, False),
        (citizen(1, "19410229"), False),
        ("1234567", False),
        ("", False),
    ],
)
def test_a_text_holds_a_citizen_number_wherever_it_stands(text: str, is_personal: bool) -> None:
    for before in range(9):  # the bytes before shift it against those that are looked at together
        texts = ["9" * before, text, "中山北路1999号12幢1234室", text]
        assert hold(Texts(pl.Series(texts))).tolist() == [False, is_personal, False, is_personal]


@given(st.lists(st.text("0123456789Xx甲 ", max_size=24) | SEVENTEEN.map(lambda s: s + check_digit(s)), max_size=9))
def test_a_text_holds_one_exactly_where_one_of_its_runs_is_one(texts: list[str]) -> None:
    runs = [re.findall("[0-9]+[Xx]?", text) for text in texts]
    old = [bool(re.fullmatch("[1-9][0-9]{14}", text)) and is_good(renew(text)) for text in texts]
    expected = [any(map(is_good, found)) or is_old for found, is_old in zip(runs, old, strict=True)]
    assert hold(Texts(pl.Series(texts, dtype=pl.String))).tolist() == expected
