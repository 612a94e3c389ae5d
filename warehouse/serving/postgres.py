"""The serving copy: the marts of the current publication in PostgreSQL, for BI tools that have no DuckDB."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection, cursor, parse_dsn

from warehouse.building.lock import alone
from warehouse.serving.reader import current_file
from warehouse.serving.transfer import transfer

# Shorter than PostgreSQL's deadlock_timeout (1 s): where a reader and we wait for each other, we give way, never it.
LOCK_MILLISECONDS = 500
PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 300.0


class NotServed(RuntimeError):
    """PostgreSQL did not take the publication; the copy that it has is as it was."""


def serve() -> dict[str, Any] | None:
    """Copy the current publication to PostgreSQL, if it is not there yet.

    Returns its version and whether it was copied now; None when SUHENG_SERVING names no server. Raises NotServed,
    ValueError on a setting or a column that cannot be used, NothingPublished.
    """
    if not os.environ.get("SUHENG_SERVING"):
        return None
    file = current_file()
    with (
        alone("serving.lock", "另一次复制到 PostgreSQL"),
        _connecting() as target,
        duckdb.connect(str(file), read_only=True) as source,
    ):
        version, note = source.execute("select version, note_zh from marts.release").fetchall()[0]
        with target, target.cursor() as to:
            is_new = _served(to) != version
            if not is_new:
                _grant(to)  # the role may be younger than the copy
        if is_new:
            with target, target.cursor() as to:
                transfer(source, to, "marts_next")
            _swap(target, "；".join(filter(None, [f"苏衡发布 {version}", note])))
    return {"version": version, "is_new": is_new}


@contextmanager
def _connecting() -> Iterator[connection]:
    """Raises NotServed in place of what PostgreSQL says."""
    url, secret = os.environ["SUHENG_SERVING"], os.environ.get("SUHENG_SERVING_PASSWORD_FILE")
    try:
        named = parse_dsn(url)
    except psycopg2.Error:
        named = {}
    if not named.get("dbname") or "password" in named:
        raise ValueError(
            "SUHENG_SERVING 应形如 postgresql://suheng@主机/数据库，不含口令；口令写在文件里，由 "
            "SUHENG_SERVING_PASSWORD_FILE 指明 (expected a URL of PostgreSQL without a password)"
        )
    if secret and not Path(secret).is_file():
        raise ValueError(f"SUHENG_SERVING_PASSWORD_FILE 指明的 {secret} 不是文件 (no such file)")
    words = {"password": Path(secret).read_text("utf-8").strip()} if secret else {}
    where = f"{named.get('host', '本机')}/{named['dbname']}"
    try:
        target = psycopg2.connect(url, connect_timeout=10, application_name="suheng", client_encoding="UTF8", **words)
        try:
            yield target
        finally:
            target.close()
    except psycopg2.Error as error:
        raise NotServed(f"没有复制到 PostgreSQL（{where}），那里的副本保持不变：{str(error).strip()}") from error


def _served(to: cursor) -> str | None:
    to.execute("select to_regclass('marts.release')")
    if to.fetchall() == [(None,)]:
        return None
    to.execute("select version from marts.release")
    return next((version for (version,) in to.fetchall()), None)


def _swap(target: connection, comment: str) -> None:
    """The new schema takes the place of the old one, when nobody is in the middle of reading that.

    Without the locks a query could find one table in the old schema and the next in the new one. A reader that holds on
    to the old is waited for, a little at a time, since all others queue behind us.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with target, target.cursor() as to:
                to.execute("select quote_ident(tablename) from pg_tables where schemaname = 'marts'")
                if old := ", ".join(f"marts.{name}" for (name,) in to.fetchall()):
                    to.execute("set local statement_timeout = %s", [LOCK_MILLISECONDS])
                    to.execute(f"lock table {old} in access exclusive mode")
                    to.execute("set local statement_timeout = 0")
                to.execute("drop schema if exists marts cascade")
                to.execute("alter schema marts_next rename to marts")
                to.execute("comment on schema marts is %s", [comment])
                _grant(to)
            return
        except errors.QueryCanceled:
            if time.monotonic() > until:
                raise NotServed(_say_readers(target)) from None
            time.sleep(PAUSE_SECONDS)


def _grant(to: cursor) -> None:
    role = os.environ.get("SUHENG_SERVING_READER") or "suheng_reader"
    to.execute("select 1 from pg_roles where rolname = %s", [role])
    if to.fetchall():
        for right in ("usage on schema marts", "select on all tables in schema marts"):
            to.execute(sql.SQL(f"grant {right} to {{}}").format(sql.Identifier(role)))


def _say_readers(target: connection) -> str:
    with target, target.cursor() as to:
        to.execute(
            "select distinct usename, pid from pg_locks inner join pg_stat_activity using (pid) "
            "where relation in (select oid from pg_class where relnamespace = 'marts'::regnamespace) "
            "and pid <> pg_backend_pid() order by pid"
        )
        readers = "、".join(f"{name}（进程 {pid}）" for name, pid in to.fetchall())
    return (
        f"没有复制到 PostgreSQL：{PATIENCE_SECONDS:.0f} 秒里一直有事务没有结束：{readers or '已经离开'}；副本保持不变。"
        "请结束它们（select pg_terminate_backend(进程)），再运行 suheng serve (readers in open transactions)"
    )
