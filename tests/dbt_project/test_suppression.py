"""Nothing that is hidden can be had from what is published."""

import re
from itertools import chain, cycle

import duckdb
import pytest
from attacker import BLOCKS, ENROLMENT, INCLUSIVE, PROVINCE, SENSITIVE, Publication, read_true, tables
from soak import SOAK

from sandbox.simulate import simulate

PERIOD = "2022"
SERIES = (INCLUSIVE, PERIOD, "none")
ELDERS = "home_care_service_share"
BLOCK = {stratum: block for block, strata in BLOCKS.items() for stratum in strata} | {"all": "all"}


@pytest.fixture(scope="module")
def published(refreshed):
    return Publication.read(refreshed.data)


@pytest.fixture(scope="module")
def true(refreshed):
    return read_true(refreshed.data)


def attack(one, true, years=None):
    """How many hidden counts there are, and what is told of them."""
    attacks = [attack for attack in tables(true) if years is None or attack.block == "all" or attack.period in years]
    for each in attacks:
        each.read(one, true)
    return sum(len(each.targets) for each in attacks), list(chain.from_iterable(each.find() for each in attacks))


def test_no_hidden_count_is_known_within_less_than_the_threshold(published, true):
    """Of the sensitive indicators in all years, and of the strata in one; all of it in make soak."""
    counts, told = attack(published, true, None if SOAK else {PERIOD})
    assert counts > 2000
    assert told == []


@pytest.mark.soak
def test_none_is_in_a_province_ten_times_as_large(refreshed, tmp_path):
    simulate(tmp_path / "data" / "inbox", scale=0.01, first=2019, last=2025, seed=14)
    larger = type(refreshed)(tmp_path / "data")
    larger("refresh")
    counts, told = attack(Publication.read(larger.data), read_true(larger.data))
    assert counts > 10000
    assert told == []


def test_the_attack_has_the_count_of_a_county_that_is_hidden_alone(published, true):
    """Of the counties that are hidden in a city, all but one become known: so does that one."""
    series, stratum = (ELDERS, "2021", "none"), "urban"
    hidden = sorted(r for i, p, r, s in published.hidden if (i, p, s) == (*series[:2], stratum))
    region = next(
        r
        for r in hidden
        if r not in published.parents.values()
        and (*series[:2], published.parents[r], stratum) not in published.hidden
        and min(true[*series, r, s]["denominator"] for s in BLOCKS["area"]) > 0
    )
    siblings = {r for r in hidden if published.parents[r] == published.parents[region]} - {region}
    betrayed = published.learn({(*series, r, s): true[*series, r, s] for r in siblings for s in BLOCKS["area"]})
    (area,) = (each for each in tables(true, [ELDERS]) if (each.period, each.block) == ("2021", "area"))
    area.read(betrayed, true)
    count = true[*series, region, stratum]["denominator"]
    assert [t for t in area.find() if f"'denominator', '{region}', 'urban'" in t] == [
        f"{('', *series, 'denominator', region, 'urban')} is {count:g}: from {count:g} to {count:g}, of 3 due"
    ]


def test_every_count_of_few_persons_is_hidden_and_most_others_are_shown(refreshed, published, true):
    with duckdb.connect(str(refreshed.data / "build" / "work.duckdb"), read_only=True) as con:
        small = con.sql(
            "select distinct indicator, period, region_code, stratum from intermediate.int_counts__compared "
            f"where value > 0 and persons < {published.least} and stratum in {tuple(BLOCK)}"
        ).fetchall()
        behind = con.sql(
            "select count(*) from intermediate.int_counts__compared where value >= 3 and persons < 3"
        ).fetchall()[0][0]
    assert len(small) > 100
    assert behind > 100  # doses and months
    scope = {(*key[:2], *key[3:]) for key in true if key[3] != PROVINCE and (key[0] in SENSITIVE or key[4] != "all")}
    assert {*small} <= published.hidden <= scope
    assert len(scope - published.hidden) > len(scope) / 3


def test_no_file_of_a_city_tells_how_many_children_are_in_difficulty_there(refreshed):
    files = "from marts.deliveries where outcome <> 'refused' and dataset {} 'children_in_difficulty'"
    ((cities, told),) = refreshed.query(f"select count(distinct scope), count(rows_read) {files.format('=')}")
    assert (cities, told) == (13, 0)
    ((others, told),) = refreshed.query(f"select count(*), count(rows_read) {files.format('<>')}")
    assert others == told > 100


def test_what_two_indicators_count_is_hidden_in_both_and_the_strata_of_a_block_together(published):
    known = {(*key[:2], *key[3:]) for key in published.shown}
    for indicator, period, region, stratum in published.hidden:
        together = {INCLUSIVE, ENROLMENT} if indicator in (INCLUSIVE, ENROLMENT) else {indicator}
        strata = [s for s, block in BLOCK.items() if block == BLOCK[stratum]]
        assert not {(i, period, region, s) for i in together for s in strata} & known
    for indicator in (INCLUSIVE, ENROLMENT):
        assert len({k for k in published.hidden if k[0] == indicator}) > 100


@pytest.fixture(scope="module")
def grown(refreshed, published, true, tmp_path_factory):
    """After a county's kindergartens of 2022 were sent again with three times the children: none of its counts is small
    now. And those of 2021 of another, which were shown, with every fourth of them. With both counties."""
    up, down = pick(published, true, PERIOD, True), pick(published, true, "2021", False)
    changed = refreshed.copy(tmp_path_factory.mktemp("grown") / "data", "airflow")
    resend(changed, up, PERIOD, lambda n: n * published.least)
    fourth = cycle([1, 0, 0, 0])
    resend(changed, down, "2021", lambda n: n and n * next(fourth))
    changed("ingest", "education/kindergarten_census")
    changed.rebuild()
    changed("audit")
    changed("publish")
    return changed, up, down


def pick(published, true, period, is_hidden):
    """A county whose kindergartens are hidden, or shown, in a city that is shown."""
    series = (INCLUSIVE, period, "none")
    return next(
        region
        for region, city in sorted(published.parents.items())
        if region not in published.parents.values()
        and ((INCLUSIVE, period, region, "urban") in published.hidden) == is_hidden
        and (INCLUSIVE, period, city, "urban") not in published.hidden
        and all(0 < true.get((*series, region, s), {}).get("denominator", 0) < 30 for s in BLOCKS["area"])
    )


def resend(changed, region, period, of):
    """The kindergarten census of a year once more, with other numbers of children of 3 and over in a county."""
    folder = changed.data / "inbox" / "education" / "kindergarten_census"
    source = max(folder.glob(f"幼儿园基层统计_{period}学年*.csv"), key=lambda p: p.stat().st_mtime)
    lines = source.read_bytes().decode("gb18030", "surrogateescape").split("\n")
    grown = [grow(line, of) if f",{region}," in line else line for line in lines]
    assert grown != lines
    resubmission = folder / source.name.replace(".csv", "_再更正.csv")
    resubmission.write_bytes("\n".join(grown).encode("gb18030", "surrogateescape"))
    (folder / f"{resubmission.name}.received").write_text("2026-06-01T00:00:00+08:00")


def test_what_was_hidden_stays_hidden_and_two_publications_do_not_give_it(published, true, grown):
    changed, region, _ = grown
    after, now = Publication.read(changed.data), read_true(changed.data)
    assert all(now[*SERIES, region, s]["denominator"] >= published.least for s in BLOCKS["area"])
    assert published.hidden <= after.hidden
    # what did not change is the same unknown, and known when either shows it
    moved = {key[3] for key, counts in now.items() if key[1] == PERIOD and true.get(key) != counts}
    assert moved == {region, (city := published.parents[region]), published.parents[city], PROVINCE}
    before = published.learn({k: counts for k, counts in after.shown.items() if k[3] not in moved})
    after = after.learn({k: counts for k, counts in published.shown.items() if k[3] not in moved})
    (both,) = (each for each in tables(true, [INCLUSIVE]) if each.period == PERIOD)
    both.read(before, true, moved, "before")
    both.read(after, now, moved, "after")
    assert len(both.targets) > 500
    assert list(both.find()) == []


def test_a_shown_count_that_becomes_small_is_hidden_and_its_change_is_not_shown(refreshed, published, grown):
    """All others are known: the new sum of the city or the province would be the new count."""
    changed, _, region = grown
    where = f"indicator in ('{INCLUSIVE}', '{ENROLMENT}') and period = '2021' and stratum in ('urban', 'rural')"
    columns = "indicator, region_code, population_basis, stratum, numerator, denominator, value"
    shown = f"select {columns} from marts.indicator_values where {where} and status <> 'suppressed' order by all"
    now = read_true(changed.data)
    assert any(0 < now[INCLUSIVE, "2021", "none", region, s]["denominator"] < published.least for s in BLOCKS["area"])
    before, after = refreshed.query(shown), changed.query(shown)
    assert [row for row in before if row[1] != region] == after != before
    assert {flags for (flags,) in changed.query(f"select flags from marts.indicator_values where {where}")} >= {"held"}
    assert changed.query(
        f"select distinct status, flags from marts.indicator_values where {where} and region_code = '{region}'"
    ) == [("suppressed", "held")]


def test_a_rollback_forgets_nothing(published, grown, tmp_path):
    """Of a publication that is withdrawn what it hid stays hidden, and what it showed is known."""
    changed, _, down = grown
    back = changed.copy(tmp_path / "data", "airflow")
    back("rollback", "--by", "甲", "--note", "试")
    hidden = Publication.read(changed.data).hidden
    assert (INCLUSIVE, "2021", down, "urban") not in Publication.read(back.data).hidden
    with duckdb.connect() as con:
        remembered = con.sql(
            "select distinct indicator, period, region_code, stratum "
            f"from '{back.data}/guarded.parquet' where since is not null and stratum in {tuple(BLOCK)}"
        ).fetchall()
    assert hidden - {*remembered} == {(i, "2021", down, s) for i in (INCLUSIVE, ENROLMENT) for s in BLOCKS["area"]}


def grow(line: str, of) -> str:
    """A line of the kindergarten census with other numbers of children of 3 and over."""
    cells = line.split(",")
    cells[10:14] = [str(of(int(cell))) if re.fullmatch(r"\d+", cell) else cell for cell in cells[10:14]]
    return ",".join(cells)


def test_no_derived_table_and_no_copy_has_what_is_hidden(refreshed, published, true):
    current = refreshed.data / "published" / "current"
    with duckdb.connect() as con:
        con.execute(f"attach '{current}/suheng.duckdb' as p (read_only); use p.marts")
        assert {s for (s,) in con.sql("select distinct schema_name from duckdb_tables()").fetchall()} == {"marts"}
        for (table,) in con.sql("select table_name from duckdb_tables()").fetchall():
            ours, copy = f"marts.{table}", f"'{current}/parquet/{table}.parquet'"
            assert (
                con.sql(f"(from {ours} except from {copy}) union all (from {copy} except from {ours})").fetchall() == []
            )
        hidden = "(from indicator_values where status = 'suppressed' and stratum = 'all')"
        # its numbers in its own row; its 2020 value as the baseline of the years after
        said = con.sql(
            "select count(*), count(coalesce(t.value, t.shortfall, t.attainment, t.attainment_uncapped)), "
            f"count(coalesce(t.is_met, t.is_met_within_tolerance)) from target_progress as t inner join {hidden} "
            "using (indicator, region_code, period, population_basis)"
        ).fetchall()
        assert said[0][0] > 100
        assert said[0][1:] == (0, 0)
        baselines = con.sql(
            f"select t.baseline from target_progress as t inner join {hidden} as h on t.indicator = h.indicator "
            "and t.region_code = h.region_code and t.population_basis = h.population_basis and h.period = '2020' "
            "where t.region_code <> '320000'"
        ).fetchall()
        assert {b for (b,) in baselines} == {None}
        details = con.sql(
            f"select distinct region_code from indicator_details where indicator in {SENSITIVE}"
        ).fetchall()
        assert details == [("320000",)]
        texts = con.sql("select string_agg(example, '\n') from quality_results").fetchall()[0][0]
    texts += (current / "quality.html").read_text("utf-8")
    rates = {
        rate(c) for k, c in true.items() if (*k[:2], *k[3:]) in published.hidden and c["numerator"] and c["denominator"]
    }
    rates -= {rate(counts) for counts in published.shown.values() if counts["denominator"]}
    assert len(rates) > 100
    printed = {float(n) for n in re.findall(r"\d+\.\d{3,}", texts)}
    assert not {one for one in rates if round(one, 3) != one and any(abs(one - p) < 1e-6 for p in printed)}


def rate(counts: dict[str, float]) -> float:
    return 100 * counts["numerator"] / counts["denominator"]
