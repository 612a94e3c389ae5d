"""How a workbook calls its columns: A is 0, XFD 16383."""

from __future__ import annotations


def number_of(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def letters_of(number: int) -> str:
    letters = ""
    while number >= 0:
        number, letter = number // 26 - 1, chr(number % 26 + ord("A"))
        letters = letter + letters
    return letters
