"""What goes wrong with whole files: sent twice, sent in the wrong place, cut off, misnamed. Every period keeps a good file."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from sandbox import elders, evaluations, kindergartens, services
from sandbox.write import Inbox

BEFORE, AFTER = (0.02, 0.2), (0.85, 1.0)  # received before or after the good file
Change = Callable[[Path], bytes]


def add_incidents(inbox: Inbox, years: list[int]) -> None:
    """One file for each way in which a delivery is refused or repeated; what they have is cut from good files."""

    def at(i: int) -> int:
        return years[min(i, len(years) - 1)]

    month = services.stem_of(at(2), 5)
    again = _derive(inbox, services.FOLDER, month, services.FOLDER, f"{month}_重报", f"{at(2)}-05", _whole, AFTER)
    inbox.key.same_bytes.append({"file": again, "same_as": _name(inbox, services.FOLDER, month)})
    plans: list[tuple[str, str, str, str, str, str, Change]] = [
        ("wrong_dataset", services.FOLDER, services.stem_of(at(1), 1), kindergartens.FOLDER, f"幼儿园基层统计_{at(1)}学年_误报", f"{at(1)}", _whole),
        ("header_mismatch", services.FOLDER, services.stem_of(at(4), 3), services.FOLDER, services.stem_of(at(4), 3, "_缺列"), f"{at(4)}-03", _lose_header),
        ("too_many_rejects", services.FOLDER, services.stem_of(at(5), 7), services.FOLDER, services.stem_of(at(5), 7, "_科学计数"), f"{at(5)}-07", _damage_ids),
        ("too_few_rows", elders.FOLDER, f"老年人基本信息_{at(3)}年", elders.FOLDER, f"老年人基本信息_{at(3)}年_部分", f"{at(3)}", _top),
        ("unknown_name", elders.FOLDER, f"老年人基本信息_{at(0)}年", elders.FOLDER, "老年人信息汇总", f"{at(0)}", _top),
        ("unreadable", evaluations.FOLDER, f"义务教育优质均衡评估结果_{at(2)}年", evaluations.FOLDER, f"义务教育优质均衡评估结果_{at(2)}年_损坏", f"{at(2)}", _cut),
    ]  # fmt: skip
    for reason, folder, stem, target, new, period, change in plans:
        file = _derive(inbox, folder, stem, target, new, period, change, BEFORE)
        inbox.key.refused.append({"file": file, "reason": reason})


def _derive(
    inbox: Inbox, folder: str, stem: str, target: str, new: str, period: str, change: Change, when: tuple[float, float]
) -> str:
    extension = "xlsx" if folder == evaluations.FOLDER else "csv"
    path = inbox.path(target, new, extension)
    path.write_bytes(change(inbox.path(folder, stem, extension)))
    inbox.receive(path, period, when)
    return path.relative_to(inbox.root).as_posix()


def _name(inbox: Inbox, folder: str, stem: str) -> str:
    return inbox.path(folder, stem, "csv").relative_to(inbox.root).as_posix()


def _whole(path: Path) -> bytes:
    return path.read_bytes()


def _cut(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: len(data) * 3 // 5]


def _top(path: Path, lines: int = 21) -> bytes:
    with path.open("rb") as file:
        return b"".join(islice(file, lines))


def _lose_header(path: Path) -> bytes:
    return _top(path, 400).replace("是否核验".encode("gb18030"), "核验情况".encode("gb18030"), 1)


def _damage_ids(path: Path) -> bytes:
    """Every citizen number as a spreadsheet shows it."""
    return re.sub(rb"(?m)^(S[0-9]{14}),[0-9]{17}[0-9X],", rb"\1,3.29712E+17,", _top(path, 400))
