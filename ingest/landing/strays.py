"""What lies in the inbox and is not taken in, each with what it is: nothing of it is opened, followed or waited for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from ingest import settings
from ingest.landing.folder import (
    PARTIAL,
    folder_of,
    is_dropping,
    is_file,
    is_linked,
    is_ours,
    look,
    may_open,
    may_read,
    mode,
    why_closed,
)
from ingest.promises.contract import Contract, find_named
from ingest.shape import show_name, told_masked
from ingest.words import SIMULATED

MOST = 20  # lines of a dataset
COUNTED = 10_000  # files of a folder


def strays(contract: Contract) -> list[str]:
    """What lies in the dataset's folder and is no file to take in."""
    folder = folder_of(contract)
    found = look(folder)
    files = {path.name for path, seen in found if is_ours(path) and S_ISREG(seen.st_mode)}
    advice = f"请把文件本身放到 inbox/{contract.name}/"
    return _shorten(_tell(path, seen, files, advice) for path, seen in found) or list(_closed(folder))


def misplaced(contracts: Iterable[Contract]) -> list[str]:
    """What lies beside the folders of departments and datasets."""
    contracts = list(contracts)
    datasets = {folder_of(contract) for contract in contracts}
    departments = {folder.parent for folder in datasets}
    said: list[str | None] = []
    for folder in (settings.inbox(), *sorted(departments)):
        for path, seen in look(folder):
            is_marker = path == settings.inbox() / f"{SIMULATED}.json"
            is_expected = path in departments | datasets and (S_ISDIR(seen.st_mode) or S_ISLNK(seen.st_mode))
            if not (is_expected or is_marker):
                theirs = find_named(path.name, contracts)
                where = f"{theirs.name}/" if theirs else "<部门>/<数据集>/，名称见 ingest/contracts/"
                said.append(_tell(path, seen, set(), f"请放到 inbox/{where}"))
        said += _closed(folder)
    return _shorten(said)


def _tell(path: Path, seen: os.stat_result, files: set[str], advice: str) -> str | None:
    """What it is, where it is no file that is taken in."""
    if is_dropping(path):
        return None
    if path.parent.parent.parent == settings.inbox():  # of a dataset
        if path.suffix == ".received":
            if S_ISREG(seen.st_mode) and path.stem in files:
                closed = why_closed(path)
                left = f"读不出来（{closed}），它所说的文件没有接收；请检查它的权限和磁盘 (cannot be read)"
                return f"{_name(path)}：{left}" if closed else None
            what = "旁边没有它所说的文件" if path.stem not in files else "应是写着时间的普通文件，而它不是"
            return f"{_name(path)}：{what} (a stray sidecar)"
        if is_file(path, seen):
            return None if may_read(path) else f"{_name(path)}：我方没有权限读取，没有接收；请改它的权限 (not readable)"
    if end := next((end for end in PARTIAL if S_ISREG(seen.st_mode) and path.name.lower().endswith(end)), ""):
        advice = f"等传完、去掉 {end} 后缀，备份的移走；{advice}"
    return f"{_name(path)}：{_kind(path, seen)}，没有接收；{advice} (not taken in)"


def _kind(path: Path, seen: os.stat_result) -> str:
    if S_ISDIR(seen.st_mode):
        return f"文件夹，内有 {_count(path)} 个文件" if may_open(path) else "文件夹，我方没有权限打开"
    if S_ISLNK(seen.st_mode):
        return "链接，不是文件"
    if not S_ISREG(seen.st_mode):
        return "管道、设备之类，不是普通文件"
    return "放错了位置的文件" if is_file(path, seen) else "传输中的或备份的文件"


def _count(folder: Path) -> str:
    files = (name for _, _, names in os.walk(folder) for name in names)
    found = sum(1 for _ in islice(files, COUNTED))
    return f"{found:,}" + (" 以上" if found == COUNTED else "")


def _closed(folder: Path) -> Iterator[str]:
    """That a folder which should be ours is a link, or may not be opened."""
    if S_ISLNK(mode(folder)) and is_linked(folder):
        yield f"{_name(folder)}：目录是链接，里面的文件都没有接收；请换成真正的目录 (a link is not followed)"
    elif S_ISDIR(mode(folder, follow=True)) and not may_open(folder):
        yield f"{_name(folder)}：我方没有权限打开这个目录，里面的文件都没有接收；请改它的权限 (not readable)"


def _name(path: Path) -> str:
    parts = path.relative_to(settings.inbox()).parts
    said = next(filter(None, map(told_masked, parts)), "")
    return ("/".join(map(show_name, parts)) or "inbox") + (f"（{said}）" if said else "")


def _shorten(said: Iterable[str | None]) -> list[str]:
    lines = [line for line in said if line]
    rest = len(lines) - MOST
    return [*lines[:MOST], f"……另有 {rest:,} 项没有接收 (and more)"] if rest > 0 else lines
