"""A synthetic province: departments' extracts, good and bad, with the answers."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from ingest.promises.contract import Contract, read_contracts
from ingest.words import SIMULATED
from sandbox.paper.inbox import MADE, Inbox
from sandbox.paper.incidents import add_incidents

MARKER, ANSWERS = f"{SIMULATED}.json", "answer_key.json"
YEARS = (2019, 2025)
SCALES = (0.001, 1.0)  # below, some files would have fewer rows than their contracts demand

Progress = Callable[[int, int, str], None]


def simulate(out: Path, scale: float, first: int, last: int, seed: int, progress: Progress = lambda *_: None) -> None:
    """Write the inbox of the years first..last to `out`, and the answer key beside it.

    Every contract's dataset is written by the module of its name, whose write(inbox, year) writes a year's files.

    The same arguments give the same bytes and the same modification times; a good file of a year does not depend on
    the other years asked for (which year is sent late or corrected does).
    Raises ValueError for years or a scale outside what is calibrated and for a contract without such a module,
    FileExistsError if `out` holds anything else.
    """
    if not (YEARS[0] <= first <= last <= YEARS[1]):
        raise ValueError(f"年份须在 {YEARS[0]}—{YEARS[1]} 之内 (years): {first}—{last}")
    if not (SCALES[0] <= scale <= SCALES[1]):
        raise ValueError(f"比例须在 {SCALES[0]}—{SCALES[1]} 之内 (scale): {scale}")
    datasets = [(contract, find_dataset(contract)) for contract in read_contracts().values()]
    clear(out)
    _write_marker(out, {"simulated": True, "scale": scale, "seed": seed, "first": first, "last": last})
    inbox = Inbox(out, scale, seed, range(first, last + 1))
    steps = [(year, c.title, d) for c, d in datasets for year in list_years(d, inbox.years)]
    for done, (year, title, dataset) in enumerate(sorted(steps, key=lambda step: step[0])):
        progress(done, len(steps), f"{title} {year}")
        dataset.write(inbox, year)
    add_incidents(inbox)
    inbox.key.write(out.parent / ANSWERS)
    for path in (out.parent / ANSWERS, out / MARKER):
        os.utime(path, (MADE.timestamp(), MADE.timestamp()))
    progress(len(steps), len(steps), "完成")


def find_dataset(contract: Contract) -> ModuleType:
    """The module that writes a contract's files; ValueError where there is none."""
    name = f"sandbox.{contract.department}.{contract.dataset}"
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name not in (name, name.rpartition(".")[0]):
            raise
        file = f"sandbox/{contract.name}.py"
        raise ValueError(f"{file}: 没有生成这份契约的模拟数据的模块 (add it, with write(inbox, year))") from None


def list_years(dataset: ModuleType, asked: range) -> Iterable[int]:
    """The years asked for; those that the dataset names as its PERIODS; or all SINCE the one that it names."""
    years: Iterable[int] = getattr(dataset, "PERIODS", range(getattr(dataset, "SINCE", asked.start), asked.stop))
    return years


def clear(out: Path) -> None:
    """Empty an inbox that the sandbox made before; anything else is left alone, with an error."""
    if out.exists() and any(out.iterdir()) and not (out / MARKER).exists():
        raise FileExistsError(f"{out} 不是空目录，也不是沙盘生成的收件目录 (neither empty nor made by the sandbox)")
    out.mkdir(parents=True, exist_ok=True)
    for child in out.iterdir():
        if child.is_dir():
            shutil.rmtree(child)
        else:
            child.unlink()


def _write_marker(out: Path, about: dict[str, object]) -> None:
    """The marker comes first: what an interrupted run leaves behind is known for the sandbox's own."""
    note = f"{SIMULATED}：由沙盘生成，不是任何部门的实际数据"
    (out / MARKER).write_text(json.dumps({**about, "note": note}, ensure_ascii=False, indent=1) + "\n", "utf-8")
