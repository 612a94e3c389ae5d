"""A new pseudonym key: what was delivered of persons is taken in again under it, and takes the old one's place.

The new deliveries lie in a folder of the lake until all are there; then the key is replaced, and then they change
places with the old ones. Wherever it is broken off the key in use tells which of the two still has to be done.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ingest import settings
from ingest.conforming import pseudonym
from ingest.intake import take_to
from ingest.landing.inbox import drops
from ingest.landing.land import sync
from ingest.landing.ledger import order
from ingest.landing.receipt import read_receipts
from ingest.promises.contract import read_contracts
from warehouse.building.lock import alone, writing

BY_HAND = """\
新密钥下的交付已经备好，还没有启用：命令不能替换现用的密钥（{why}）。请：
  1. 把密钥换成 {file} 的内容（密钥标识 {id}），旧密钥另行妥善保存，权限 600；
  2. 重新启动使用密钥的服务；
  3. 再运行一次 suheng rekey，或等下一次夜间任务：它们认出新密钥，就把备好的交付换上。
在此之前一切照旧。"""


class NotRekeyed(ValueError):
    """A file is missing, or is read otherwise than before: the old key and the old deliveries stay in use."""


def rekey(new_key_file: Path | None = None, drop_superseded: bool = False, say: Any = print) -> None:
    """Replace the pseudonym key by that of new_key_file, which is made when there is none.

    drop_superseded: leave out superseded deliveries whose file is gone. Raises NotRekeyed before anything is replaced.
    """
    with alone("refresh.lock", "另一次刷新"), writing():
        if _waiting(pseudonym.read_key()).exists():  # the last time was broken off
            _take_over(say)
            return
        in_use = pseudonym.key_file()
        file = new_key_file or in_use.with_name(f"{in_use.name}.new")
        key = pseudonym.read_file(file)
        if key == pseudonym.read_key():
            raise NotRekeyed(f"{file} 就是现用的密钥；请删除它或另给一个文件 (this key is in use already)")
        _prepare(key, drop_superseded, say)
        try:
            kept = pseudonym.replace_key(key)
        except OSError as error:
            say(BY_HAND.format(why=error, file=file, id=pseudonym.key_id(key)))
            return
        say(f"密钥已更换；旧密钥保存在 {kept}（权限 600）")
        _take_over(say)
        if new_key_file is None:
            file.unlink()


def follow(say: Any = print) -> None:
    """Once the key has been replaced, let the deliveries that wait for it take their places."""
    if any(settings.lake().glob(".rekeyed-*")) and _waiting(pseudonym.read_key()).exists():
        with writing():
            _take_over(say)


def _waiting(key: str) -> Path:
    """Where the deliveries under a new key wait until it is in use."""
    return settings.lake() / f".rekeyed-{pseudonym.key_id(key)}"


def _prepare(key: str, drop_superseded: bool, say: Any) -> None:
    """Take in again, under this key, what was delivered of persons under another; what is ready already is left."""
    waiting, contracts = _waiting(key), read_contracts()
    waiting.mkdir(exist_ok=True, parents=True)
    taken_in = [r for r in read_receipts() if r["outcome"] in ("landed", "withdrawn")]
    landed = sorted(taken_in, key=order)
    counting = (r for r in landed if r["outcome"] == "landed")
    newest = {(r["department"], r["dataset"], r["period"], r["scope"]): r["delivery_id"] for r in counting}
    stale = [r for r in landed if r.get("pseudonym_key_id") not in (None, pseudonym.key_id(key))]
    todo = {waiting / _folder(r): r for r in stale if not (waiting / _folder(r)).exists()}
    names = {f"{r['department']}/{r['dataset']}" for r in todo.values()} & contracts.keys()
    files = {_source(drop.facts): drop for name in names for drop in drops(contracts[name])}
    gone = {target: r for target, r in todo.items() if _source(r) not in files}
    if lost := [r for r in gone.values() if r["delivery_id"] in newest.values() or not drop_superseded]:
        raise NotRekeyed(_say_lost(lost, set(newest.values())))
    for target, receipt in todo.items():
        if target in gone:
            target.mkdir(parents=True)  # nothing will take its place
            continue
        found = take_to(target, files[_source(receipt)], contracts, key, receipt)
        say(found.said)
        before, now = (receipt["rows_read"], receipt["rows_rejected"]), (found.rows, found.rejects)
        if found.outcome != "landed":
            shutil.rmtree(target)
            raise NotRekeyed(f"{_folder(receipt)}：当时接收，现在退回：程序或契约已有改动 (it would be refused now)")
        if now != before:
            say(f"{_folder(receipt)}：当时读到、隔离 {before} 行，现在 {now} 行：程序已有改动")


def _take_over(say: Any) -> None:
    """Let every delivery that waits for the key in use take the place of that under the old one."""
    key = pseudonym.read_key()
    _prepare(key, False, say)  # what came in between
    for name in ("kept.duckdb", "kept.duckdb.wal"):  # its keys do not tell how a delivery was read
        (settings.data() / name).unlink(missing_ok=True)
    for new in sorted(_waiting(key).glob("*/*/delivery=*")):
        place = settings.lake() / new.relative_to(_waiting(key))
        if place.exists():
            place.rename(new.with_name(f"old-{new.name}"))
        if any(new.iterdir()):
            new.rename(place)
        else:
            new.rmdir()
        sync(place.parent)
    shutil.rmtree(_waiting(key))
    say(f"个人数据的交付已全部换成新密钥 {pseudonym.key_id(key)}")


def _folder(receipt: dict[str, Any]) -> Path:
    return Path(receipt["department"], receipt["dataset"], f"delivery={receipt['delivery_id']}")


def _source(facts: dict[str, Any]) -> tuple[str, ...]:
    """What was delivered, whenever that was."""
    said = ("department", "dataset", "period", "scope", "contract_version", "source_sha256")
    return tuple(str(facts[fact]) for fact in said)


def _say_lost(lost: list[dict[str, Any]], accepted: set[str]) -> str:
    lines = [
        f"  {r['department']}/{r['dataset']} {r['period']} {r['source_file']}，"
        f"sha256 {r['source_sha256'][:16]}…，{'采用' if r['delivery_id'] in accepted else '已被替代'}"
        for r in lost
    ]
    what = "以下交付不能用新密钥重新接收：收件箱中没有它的文件，或契约已换版 (no file for these deliveries)"
    todo = "请把原文件按原来的时期命名放回收件箱再运行；已被替代而不再需要的，可加 --drop-superseded 丢弃"
    return "\n".join([f"{what}：", *lines, f"{todo}（此后 as_of 查不到它们）。密钥和数据湖没有变动。"])
