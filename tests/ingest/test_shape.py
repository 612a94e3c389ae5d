"""A citizen number is shown nowhere, however it is written; what is none stays as it is."""

from __future__ import annotations

import pytest
from desk import citizen

from ingest.shape import mask, show_name

NUMBER = "999999999999999999"
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"名册_{citizen(1)}.csv", f"名册_{NUMBER}.csv"),
        (f"名册_{citizen(1)[:17]}x.csv", f"名册_{NUMBER[:17]}A.csv"),
        (citizen(1).translate(WIDE), NUMBER),
        (f"{citizen(1)[:17]}Ｘ", f"{NUMBER[:17]}A"),
        ("320102400101001（旧）", f"{NUMBER[:15]}（旧）"),
        ("2020-09 320102-19400101-0011", f"2020-09 {NUMBER}"),
        ("12 320102 19400101 001x", f"12 {NUMBER[:17]}A"),
        ("320102_19400101_0011.csv", f"{NUMBER}.csv"),
        (" ".join(citizen(1)), NUMBER),
        ("3\u200b20102194001010011", NUMBER),
        ("320102-400101-001", NUMBER[:15]),
        (f"{citizen(1)}和{citizen(2)}", f"{NUMBER}和{NUMBER}"),
        ("名册_2020年09月(320102)(19400101)(0011).csv", f"名册_2020年09月({NUMBER}).csv"),
        ("３２０１０２　１９４０　０１　０１　００１Ｘ", f"{NUMBER[:17]}A"),
        ("张三，320102,19400101,0011", f"张三，{NUMBER}"),
        ("(320102)(400101)(001)", f"({NUMBER[:15]})"),
        ("3201 0219 4001 0100 11", NUMBER),
        ("3201 0240 0101 001", NUMBER[:15]),
        ("320102a19400101b0011.csv", f"{NUMBER}.csv"),
        ("320102born19400101no001x", f"{NUMBER[:17]}A"),
        ("证号 320102&nbsp;19400101&#45;&#8203;0011（备用）", f"证号 {NUMBER}（备用）"),
        ("320102%2019400101%E2%80%8B0011", NUMBER),
        ("320102<br/>19400101</td><td>0011", NUMBER),
    ],
)
def test_a_number_is_masked_however_it_is_written(written: str, shown: str) -> None:
    assert mask(written) == shown


@pytest.mark.parametrize("gap", ["   ", "..", "___", ")(", "😀", "👩\u200d⚕", *"\xa0\u2009\n－−‑+,，、~～';：|*`/年"])
def test_a_number_in_parts_is_masked_whatever_stands_between_them(gap: str) -> None:
    assert mask(f"甲320102{gap}19400101{gap}0011乙") == f"甲{NUMBER}乙"


@pytest.mark.parametrize(
    "text",
    [
        "上门养老服务记录_2025年09月_更正2.csv",
        "困境儿童_320500_2021年_模拟数据.csv",
        "收到时间 2020-10-07 00:00:00 早于先到的 名册_2020年09月.csv（2020-10-07 00:00:00，均为北京时间）",
        "2020-01-01 00:00 至 2020-12-31 00:00",
        "困境儿童_320500_2021年_更正（2）.csv",
        "只有 3,201,022 字节，而 2019-12 的有 4,010,100 字节",
        "2020-01-01_2020-12-31",
        "名册 20251009093000.csv",
        "2018、2019、2020、2021、2022",
        "3.20102E+17",
        "2025-10-09 11:12:13.csv（2025-12-18 09:30）",
        "名册_2025-10-09_2025-10-10",
        "名册_2025年09月_v2.csv 与 名册_2025年10月_v3.csv",
    ],
)
def test_dates_and_codes_stay_as_they_are(text: str) -> None:
    assert mask(text) == text


def test_a_name_is_shown_in_one_line_of_utf8() -> None:
    assert show_name("名\n册\udcc3\x1b[2J.csv") == "名\\n册\\xc3\\x1b[2J.csv"
