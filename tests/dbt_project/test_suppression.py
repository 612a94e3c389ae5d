"""Nothing that is hidden can be had from what is published."""

import re
from itertools import chain

import duckdb
import pytest
from attacker import BLOCKS, Publication, attack, equate, find_leaks, is_small, read_true, solve

SENSITIVE = ("children_in_difficulty_coverage", "two_subsidies_precision")
INCLUSIVE, ENROLMENT = "inclusive_kindergarten_coverage", "preschool_gross_enrolment"  # of the same children
SERIES, ALIKE = (INCLUSIVE, "2022", "none"), (ENROLMENT, "2022", "census_2020")
ELDERS = "home_care_service_share"


@pytest.fixture(scope="module")
def published(refreshed):
    return Publication.read(refreshed.data)


@pytest.fixture(scope="module")
def true(refreshed):
    return read_true(refreshed.data)


def test_every_small_count_is_hidden_and_most_others_are_shown(published, true):
    scope = {
        (indicator, period, basis, region, stratum): counts
        for (indicator, period, basis, region, stratum), counts in true.items()
        if region != "320000" and (indicator in SENSITIVE or stratum != "all")
    }
    small = {(*key[:2], *key[3:]) for key, counts in scope.items() if is_small(key[0], counts, published.least)}
    assert len(small) > 100
    assert small <= published.hidden <= {(*key[:2], *key[3:]) for key in scope}
    assert sum(key in published.shown for key in scope) > len(scope) / 3


def test_no_hidden_count_is_had_by_subtraction_in_a_level_over_levels_or_from_the_total(published, true):
    derived = list(attack(published, true))
    assert sum(len(equations) for _, equations in derived) > 1000
    assert list(chain.from_iterable(find_leaks(published, *of) for of in derived)) == []


def test_no_file_of_a_city_tells_how_many_children_are_in_difficulty_there(refreshed):
    files = "from marts.deliveries where outcome <> 'refused' and dataset {} 'children_in_difficulty'"
    ((cities, told),) = refreshed.query(f"select count(distinct scope), count(rows_read) {files.format('=')}")
    assert (cities, told) == (13, 0)
    ((others, told),) = refreshed.query(f"select count(*), count(rows_read) {files.format('<>')}")
    assert others == told > 100


def test_the_attack_has_the_count_of_a_county_that_is_hidden_alone(published, true):
    """Of the counties that are hidden in a city, all but one become known: so does that one, and no more."""
    series, stratum = (ELDERS, "2021", "none"), "urban"
    parents, hidden = published.parents, sorted(k for k in published.hidden if k[:2] == series[:2] and k[3] == stratum)
    region = next(r for *_, r, _ in hidden if min(true[*series, r, stratum][1], true[*series, r, "rural"][1]) > 0)
    others = {(*series, r, s) for *_, r, _ in hidden if parents[r] == parents[region] != r != region for s in BLOCKS}
    betrayed = published.learn({key: true[key] for key in others & {*true}})
    derived = list(solve(equate(betrayed, series, "area", true), stratum))
    alone = {next(iter(terms)): total for terms, total in derived if len(terms) == 1}
    assert {parents[r] for r, _ in alone} == {parents[region]}
    assert alone[region, stratum] == pytest.approx(true[*series, region, stratum])
    assert list(find_leaks(betrayed, series, derived))


def test_what_two_indicators_count_is_hidden_in_both_and_the_strata_of_a_block_together(published):
    known = {(*key[:2], *key[3:]) for key in published.shown}
    for indicator, period, region, stratum in published.hidden:
        together = {INCLUSIVE, ENROLMENT} if indicator in (INCLUSIVE, ENROLMENT) else {indicator}
        strata = [s for s, block in BLOCKS.items() if block == BLOCKS[stratum]]
        assert not {(i, period, region, s) for i in together for s in strata} & known
    for indicator in (INCLUSIVE, ENROLMENT):
        assert len({k for k in published.hidden if k[0] == indicator}) > 100


@pytest.fixture(scope="module")
def grown(refreshed, published, true, tmp_path_factory):
    """After a county's kindergartens of 2022 were sent again with three times the children: none of its counts is small
    now. With the county."""
    least = published.least
    region = next(
        r
        for r, city in published.parents.items()
        if published.parents.get(city, "320000") != "320000"
        and (*SERIES[:2], r, "urban") in published.hidden
        and (*SERIES[:2], city, "urban") not in published.hidden
        and any(is_small(INCLUSIVE, true[*SERIES, r, s], least) for s in ("urban", "rural"))
        and not any(0 < true[*ALIKE, r, s][1] < least for s in ("urban", "rural"))
    )
    changed = refreshed.copy(tmp_path_factory.mktemp("grown") / "data", "airflow")
    folder = changed.data / "inbox" / "education" / "kindergarten_census"
    source = max(folder.glob("幼儿园基层统计_2022学年*.csv"), key=lambda p: p.stat().st_mtime)
    lines = source.read_bytes().decode("gb18030", "surrogateescape").split("\n")
    grown = [grow(line, least) if f",{region}," in line else line for line in lines]
    assert grown != lines
    resubmission = folder / source.name.replace(".csv", "_再更正.csv")
    resubmission.write_bytes("\n".join(grown).encode("gb18030", "surrogateescape"))
    (folder / f"{resubmission.name}.received").write_text("2026-06-01T00:00:00+08:00")
    changed("ingest", "education/kindergarten_census")
    changed.rebuild()
    return changed, region


def test_what_was_hidden_stays_hidden_and_two_publications_do_not_give_it(published, true, grown):
    changed, region = grown
    changed("audit")
    changed("publish")
    series, enrolment, least = SERIES, ALIKE, published.least
    after, now = Publication.read(changed.data), read_true(changed.data)
    assert not any(is_small(INCLUSIVE, now[*series, region, s], least) for s in ("urban", "rural"))
    assert published.hidden <= after.hidden
    # what did not change is the same unknown, and known when either shows it
    moved = {key[3] for key, counts in now.items() if true.get(key) != counts}
    assert moved == {region, (city := published.parents[region]), published.parents[city], "320000"}
    before = published.learn({k: counts for k, counts in after.shown.items() if k[3] not in moved})
    after = after.learn({k: counts for k, counts in published.shown.items() if k[3] not in moved})
    for one in (series, enrolment):
        then = list(equate(before, one, "area", true))
        later = [
            ({(f"{r} again" if r in moved else r, s): n for (r, s), n in terms.items()}, total)
            for terms, total in equate(after, one, "area", now)
        ]
        for stratum in ("urban", "rural"):
            assert list(find_leaks(before, one, solve([*then, *later], stratum))) == []


def grow(line: str, times: int) -> str:
    """A line of the kindergarten census with so many times the children of 3 and over."""
    cells = line.split(",")
    cells[10:14] = [str(times * int(cell)) if re.fullmatch(r"\d+", cell) else cell for cell in cells[10:14]]
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
    rates = {100 * n / d for k, (n, d, _) in true.items() if (*k[:2], *k[3:]) in published.hidden and n and d}
    rates -= {100 * n / d for n, d, _ in published.shown.values() if d}
    assert len(rates) > 100
    printed = {float(n) for n in re.findall(r"\d+\.\d{3,}", texts)}
    assert not {rate for rate in rates if round(rate, 3) != rate and any(abs(rate - p) < 1e-6 for p in printed)}
