"""While a key is computed its connection sees the key's own deliveries and no other, and opens no other file."""

import re
from contextlib import chdir

import duckdb
import pytest

SERVICES = "lake.civil_affairs__homecare_services"


@pytest.fixture
def work(refreshed):
    """The build's work file; the views in it name files of the data directory."""
    with chdir(refreshed.data), duckdb.connect(str(refreshed.data / "build" / "work.duckdb"), read_only=True) as con:
        yield con


def name(con, deliveries):
    con.execute(f"set variable deliveries = {deliveries}")


def files_read(con):
    """How many files a query over the view opens to read."""
    ((_, plan),) = con.execute(f"explain analyze select count(distinct person_key) from {SERVICES}").fetchall()
    return int(re.findall(r"Total Files Read: (\d+)", plan)[-1])


def deliveries_of(con, year):
    rows = con.execute(f"select distinct delivery_id from {SERVICES} where left(period, 4) = '{year}'").fetchall()
    return [delivery for (delivery,) in rows]


def test_a_connection_that_names_deliveries_opens_their_files_and_sees_their_rows(work):
    every, own = files_read(work), deliveries_of(work, "2021")
    ((expected,),) = work.execute(f"select count(*) from {SERVICES} where left(period, 4) = '2021'").fetchall()
    name(work, own)
    assert files_read(work) == len(own) == 12 < every
    assert work.execute(f"select count(*), min(period), max(period) from {SERVICES}").fetchall() == [
        (expected, "2021-01", "2021-12")
    ]
    work.execute("reset variable deliveries")
    assert files_read(work) == every


def test_what_has_none_of_the_deliveries_is_empty_and_no_error(work):
    name(work, ["of another dataset"])
    assert work.execute(f"select count(*) from {SERVICES}").fetchall() == [(0,)]
    assert files_read(work) == 0


def test_another_thread_of_the_same_database_sees_everything(work):
    """dbt-duckdb gives each thread a cursor of its own."""
    ((every,),) = work.execute(f"select count(*) from {SERVICES}").fetchall()
    before = work.cursor()
    name(work, deliveries_of(work, "2021"))
    ((own,),) = work.execute(f"select count(*) from {SERVICES}").fetchall()
    assert own < every
    for other in (before, work.cursor()):
        assert other.execute(f"select count(*) from {SERVICES}").fetchall() == [(every,)]
