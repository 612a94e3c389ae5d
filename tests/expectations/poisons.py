"""What breaks each rule: statements that spoil the good build, and how many rows the rule must then find."""

# Cells that no sum is made of and no target compared with (2019 lies before the plan): one rule sees what is wrong.
SURVEY = "indicator = 'public_safety_perception' and period = '2019' and region_code = "
EMPTY = "indicator = 'indicator_1' and period = '2019' and region_code = '320000'"
CHILDREN = "indicator = 'inclusive_kindergarten_coverage' and period = '2019'"
COUNTY = f"{CHILDREN} and region_code = '320101' and stratum = 'all'"
URBAN = COUNTY.replace("'all'", "'urban'")
STRATA = COUNTY.replace("stratum = 'all'", "stratum in ('urban', 'rural')")
LIFE = "indicator = 'life_expectancy_at_birth' and population_basis = 'census_2020' and region_code = '321101'"
# Progress that is met, and progress without a value.
MET = "indicator = 'public_safety_perception' and period = '2021' and region_code = "
UNKNOWN = "period = '2021' and region_code = '320000' and indicator = "
REPLACED = "outcome = 'superseded' and period = '2020'"
DEATHS = "dataset = 'deaths' and outcome = 'accepted' and period = "


def change(table: str, what: str, where: str) -> str:
    return f"update marts.{table} set {what} where {where};"


def indicator(what: str, sequence: int) -> str:
    return change("indicators", what, f"sequence = {sequence}")


def region(what: str, code: str) -> str:
    return change("regions", what, f"region_code = '{code}'")


def cell(what: str, where: str) -> str:
    return change("indicator_values", what, where)


def survey(what: str, code: str) -> str:
    return cell(what, f"{SURVEY}'{code}'")


def progress(what: str, where: str) -> str:
    return change("target_progress", what, where)


def delivery(what: str, where: str) -> str:
    return change("deliveries", what, where)


def level(what: str, period: str) -> str:
    return change("service_levels", what, f"dataset = 'survey' and period = '{period}'")


def repeat(table: str, where: str, replace: str = "") -> str:
    """A row once more, as it is or with other values."""
    columns = f"* replace ({replace})" if replace else "*"
    return f"insert into marts.{table} select {columns} from marts.{table} where {where};"


def delete(table: str, where: str) -> str:
    return f"delete from marts.{table} where {where};"


def rename(old: str, new: str) -> str:
    """Another name for an indicator, wherever it stands."""
    tables = ("indicators", "indicator_values", "target_progress")
    return "".join(change(table, f"indicator = '{new}'", f"indicator = '{old}'") for table in tables)


NO_VALUE = "value = null, value_rounded = null"
HIDE = f"status = 'suppressed', numerator = null, denominator = null, covered_share = null, {NO_VALUE}"


def count(where: str, numerator: int | str, denominator: int | str) -> str:
    """A rate of these numbers, in one cell."""
    rate = f"(100 * ({numerator})::double / ({denominator})::double)"
    said = f"value = {rate}, value_rounded = round({rate}::decimal(28, 10), 1)"
    return cell(f"numerator = {numerator}, denominator = {denominator}, {said}", where)


NOT_DUE = "'not_due' as status, null as value, null as value_rounded"

# rule: rows that it must find, and the ways to break it, which no other rule may notice
POISONS: dict[str, tuple[int, list[str]]] = {
    "indicators/key": (2, [repeat("indicators", "sequence = 1")]),  # the name and the number
    "indicators/complete": (2, [indicator("sequence = 36", 33), indicator("domain = 'domain_13'", 1)]),
    "indicators/targets": (
        5,
        [
            indicator("printed_target = null", 1),
            indicator("baseline_kind = 'exact'", 2),
            indicator("target_kind = 'roughly'", 5),
            indicator("tolerance = null", 13),
            indicator("tolerance = 0", 7),
        ],
    ),
    "indicators/vocabulary": (
        9,
        [
            indicator("attribute = null", 1),
            indicator("lowest_level = 'village'", 2),
            indicator("direction = 'sideways'", 5),
            indicator("service_tier = 'luxury'", 7),
            indicator("formula_kind = 'guess'", 8),
            indicator("published_decimals = null", 9),
            indicator("unit = null", 10),
            indicator("definition_zh = ''", 11),
            indicator("is_additive = null", 12),
        ],
    ),
    "regions/roster": (2, [region("level = 'county'", "320171")]),  # 96 counties, 10 zones
    "regions/key": (
        3,
        [
            repeat(
                "regions",
                "region_code = '320102'",
                "date '1990-01-01' as valid_from, date '2001-01-01' as valid_to, '320101' as successor_code",
            ),
            repeat("regions", "level = 'township'"),
            region("valid_to = valid_from", "320191"),
        ],
    ),
    "regions/parents": (
        2,
        [
            repeat("regions", "level = 'township'", "'320101002' as region_code, '320191' as parent_code"),  # given up
            region("parent_code = '320199'", "320101001"),
        ],
    ),
    "regions/successors": (
        3,
        [
            repeat("regions", "region_code = '320191'", "'320192' as region_code, '320199' as successor_code"),
            repeat(
                "regions",
                "region_code = '320191'",
                "'320193' as region_code, '320102' as successor_code, date '1990-01-01' as valid_to",
            ),
            region("successor_code = null", "320191"),
        ],
    ),
    "indicator_values/key": (1, [repeat("indicator_values", EMPTY)]),
    "indicator_values/references": (1, [repeat("indicator_values", EMPTY, "'329999' as region_code")]),
    "indicator_values/coverage": (
        2,
        [
            delete("indicator_values", EMPTY),
            delete("indicator_values", "indicator = 'indicator_2'"),
            delete("target_progress", "indicator = 'indicator_2'"),
        ],
    ),
    "indicator_values/vocabulary": (
        3,
        [
            cell("status = 'lost'", EMPTY),
            cell("status = null", EMPTY.replace("indicator_1", "indicator_2")),
            survey("flags = 'partial;guessed', covered_share = 0.5", "320000"),
        ],
    ),
    "indicator_values/status": (
        3,
        [
            survey("value = null", "320000"),
            survey("status = 'not_due'", "320100"),
            cell("status = 'suppressed', numerator = 1", EMPTY),
        ],
    ),
    "indicator_values/lowest_level": (
        4,
        [
            survey("status = 'not_due'", "320101"),
            survey("denominator = 9", "320102"),
            survey(f"status = 'not_applicable', {NO_VALUE}", "320000"),
            survey("flags = 'no_population'", "320100"),
        ],
    ),
    "indicator_values/domain": (
        5,
        [
            survey("value = 101, value_rounded = 101", "320000"),
            survey("value = 'nan'", "320100"),
            survey("numerator = 3, denominator = 2", "320200"),
            survey("numerator = -1", "320300"),
            cell("value = -1, value_rounded = -1", f"{LIFE} and period = '2019'"),
        ],
    ),
    "indicator_values/ratio_of_sums": (
        52,
        [
            # the province as the mean of its counties
            "create temp table mean as select avg(value) as mean from marts.indicator_values where"
            " indicator = 'inclusive_kindergarten_coverage' and period = '2019' and stratum = 'all'"
            " and region_code in (select region_code from marts.regions where level = 'county' and valid_to is null);",
            cell(
                "value = (from mean), value_rounded = (select round(mean::decimal(18, 9), 1) from mean)",
                COUNTY.replace("320101", "320000"),
            ),
            # 51 per cents that are per milles
            indicator("formula_kind = 'ratio'", 35),
            cell(
                "numerator = value, denominator = 1000", "indicator = 'public_safety_perception' and value is not null"
            ),
        ],
    ),
    "indicator_values/general_practitioners": (
        1,  # one more than there are physicians; as many is possible
        [
            rename("indicator_11", "physicians_per_1000"),
            rename("indicator_12", "gp_per_10000"),
            cell("numerator = 4", "indicator in ('physicians_per_1000', 'gp_per_10000') and period = '2020'"),
            cell("numerator = 5", "indicator = 'gp_per_10000' and period = '2020' and region_code = '320101'"),
        ],
    ),
    "indicator_values/rounding": (
        3,
        [
            survey("value = 98.65, value_rounded = 98.6", "320000"),
            survey("value = 98.69, value_rounded = 98.6", "320100"),
            survey("value = 98.65, value_rounded = 98.65", "320200"),
        ],
    ),
    "indicator_values/covered_share": (
        3,
        [
            survey("covered_share = 1.01", "320000"),
            survey("covered_share = 0.99", "320100"),
            survey("flags = 'partial'", "320200"),
        ],
    ),
    "indicator_values/bases": (
        2,  # after 2020; of a county
        [
            repeat(
                "indicator_values",
                f"{LIFE} and period = '2020'",
                f"'census_2010' as population_basis, '{period}' as period, {region}, {NOT_DUE}",
            )
            for period, region in (("2021", "'321100' as region_code"), ("2020", "region_code as region_code"))
        ],
    ),
    "indicator_values/additive": (
        5,  # the county's city, region and province; the city's region and province
        [
            cell("numerator = 2 * numerator, denominator = 2 * denominator", COUNTY),
            cell(
                "numerator = 2 * numerator, denominator = 2 * denominator",
                "indicator = 'compulsory_balanced_county_rate' and period = '2019' and region_code = '320100'",
            ),
        ],
    ),
    "indicator_values/jumps": (
        1,
        [
            cell("value = value - 2, value_rounded = value_rounded - 2", f"{LIFE} and period = '2021'"),
            progress("value = value - 2", f"{LIFE} and period = '2021'"),
        ],
    ),
    "indicator_values/outliers": (1, [survey("value = 80, value_rounded = 80", "320100")]),
    "indicator_values/unreported": (
        2,
        [
            survey(f"status = 'missing', {NO_VALUE}", "320000"),
            survey(f"status = 'rejected', {NO_VALUE}", "320100"),
        ],
    ),
    "indicator_values/repeated": (
        1,
        [
            # those whose stratum nobody knows would be few, were they persons
            indicator("is_additive = false, is_numerator_of_persons = false, is_denominator_of_persons = false", 3),
            f"create temp table later as from marts.indicator_values where {COUNTY.replace('2019', '2020')};",
            cell(
                "numerator = (select numerator from later), denominator = (select denominator from later),"
                " value = (select value from later), value_rounded = (select value_rounded from later)",
                COUNTY,
            ),
        ],
    ),
    "indicator_values/baseline": (
        1,
        [
            indicator("baseline = 98.6", 35),
            progress("baseline = 98.6", "indicator = 'public_safety_perception' and region_code = '320000'"),
        ],
    ),
    "indicator_values/interval": (
        2,
        [survey("value_lower = 98", "320000"), survey("value_lower = 98.9, value_upper = 99.5", "320100")],
    ),
    # 5 of 10, none of 9, 91 of 100, and 9 of all children where they are sensitive
    "indicator_values/small_counts": (
        4,
        [
            indicator("is_additive = false, is_sensitive = true", 3),
            count(URBAN, 5, 10),
            count(URBAN.replace("320101", "320102"), 0, 9),
            count(URBAN.replace("320101", "320103"), 91, 100),
            count(COUNTY.replace("320101", "320104"), 9, 100),
        ],
    ),
    # one county hidden alone, in both strata; two whose sum is 5 of 500; a city above counties that are shown: it is
    # hidden alone in its region, too
    "indicator_values/deducible": (
        7,
        [
            cell(HIDE, STRATA),
            cell(HIDE, STRATA.replace("= '320101'", "in ('320201', '320202')")),
            "create temp table rest as select sum(numerator) as n, sum(denominator) as d from marts.indicator_values "
            "where "
            + URBAN.replace(
                "= '320101'", "in (select region_code from marts.regions where city_code = '320200')"
            ).replace("and stratum", "and region_code <> '320200' and stratum")
            + ";",
            count(URBAN.replace("320101", "320200"), "(select n + 5 from rest)", "(select d + 500 from rest)"),
            cell(HIDE, STRATA.replace("320101", "321000")),
        ],
    ),
    # of a county 9 children are in no stratum, and of another 12
    "indicator_values/unknown_stratum": (
        1,
        [
            indicator("is_additive = false", 3),
            count(COUNTY, "numerator + 9", "denominator + 9"),
            count(COUNTY.replace("320101", "320102"), "numerator + 12", "denominator + 12"),
        ],
    ),
    "indicator_values/strata_deducible": (
        4,  # two counties whose rural children are shown; two more whose children are all hidden, and both strata shown
        [
            cell(HIDE, URBAN.replace("= '320101'", "in ('320101', '320102')")),
            indicator("is_additive = false", 3),
            cell(HIDE, URBAN.replace("= '320101'", "in ('320201', '320202')")),
            cell("status = 'suppressed'", "false"),
        ],
    ),
    "indicator_details/key": (1, [repeat("indicator_details", "true")]),
    "indicator_details/sensitive": (
        3,  # of an indicator with sensitive records, of one category, of no indicator
        [
            indicator("is_sensitive = true", 13),
            repeat("indicator_details", "detail = 'male'", "'320100' as region_code"),
            repeat(
                "indicator_details",
                "region_code = '320000'",
                "'inclusive_kindergarten_coverage' as indicator, 'public' as stratum, '320100' as region_code",
            ),
            repeat(
                "indicator_details",
                "region_code = '320000' and detail = 'male'",
                "'unknown' as indicator, '320200' as region_code",
            ),
        ],
    ),
    "indicator_details/domain": (
        3,
        [
            repeat("indicator_details", "detail = 'male'", "'female' as detail, 82.0 as value"),
            repeat("indicator_details", "detail = 'male'", "'other' as detail, -1.0 as value, null as value_lower"),
            repeat("indicator_details", "detail = 'male'", "'none' as detail, null as value"),
        ],
    ),
    "target_progress/key": (1, [repeat("target_progress", f"{UNKNOWN}'indicator_1'")]),
    "target_progress/vocabulary": (
        2,
        [
            progress("status = 'fine'", f"{UNKNOWN}'indicator_1'"),
            progress("flags = 'guessed'", f"{UNKNOWN}'indicator_2'"),
        ],
    ),
    "target_progress/coverage": (
        3,
        [
            repeat("target_progress", f"{MET}'320200'", "'2018' as period"),
            delete("target_progress", f"{MET}'320000'"),
            progress("value = value + 0.001", f"{MET}'320100'"),
        ],
    ),
    "target_progress/target": (
        2,
        [progress("target = 11", f"{UNKNOWN}'indicator_1'"), progress("baseline = 98.8", f"{MET}'320000'")],
    ),
    "target_progress/status": (
        9,
        [
            *(
                progress(what, f"rowid = (select min(rowid) from marts.target_progress where status = '{status}')")
                for status, what in (
                    ("on_track", "shortfall = 0.1"),
                    ("at_risk", "shortfall = 0"),
                    ("behind", "required_path = null"),
                )
            ),
            progress("is_met = false", f"{MET}'320000'"),
            progress("is_met_within_tolerance = false, status = 'on_track'", f"{MET}'320100'"),
            progress("status = 'behind'", f"{MET}'320200'"),
            progress("is_met = null", f"{MET}'320300'"),
            progress(
                "status = 'missed'",  # before the end year
                "rowid = (select max(rowid) from marts.target_progress where status = 'at_risk')",
            ),
            progress("status = 'on_track'", f"{UNKNOWN}'indicator_1'"),
        ],
    ),
    "target_progress/attainment": (
        5,
        [
            progress("attainment = 101, attainment_uncapped = 101", f"{MET}'320000'"),
            progress("attainment = 99", f"{MET}'320100'"),
            progress("shortfall = -1", f"{MET}'320200'"),
            progress("attainment = 100", f"{UNKNOWN}'indicator_1'"),
            progress("shortfall = 0", f"{UNKNOWN}'indicator_2'"),
        ],
    ),
    "deliveries/key": (1, [repeat("deliveries", "outcome = 'refused'")]),
    "deliveries/accepted_once": (1, [delivery("outcome = 'accepted'", REPLACED)]),
    "deliveries/outcome": (
        5,  # withdrawn without a word; one with a word is well
        [
            repeat("deliveries", f"{DEATHS}'2020'", "'w1' as delivery_id, 'withdrawn' as outcome"),
            repeat(
                "deliveries", f"{DEATHS}'2020'", "'w2' as delivery_id, 'withdrawn' as outcome, '已撤回' as message_zh"
            ),
            repeat("deliveries", "outcome = 'refused'", "'r1' as delivery_id, 'header mismatch' as message_zh"),
            delivery("reason = null", "outcome = 'refused' and delivery_id <> 'r1'"),
            delivery("outcome = 'lost'", REPLACED),
            delivery("due_date = null", REPLACED.replace("2020", "2021")),
        ],
    ),
    "deliveries/private": (
        2,  # a city's rows of what is sensitive, and its message; without both, and of the whole province, all is well
        [
            indicator("is_sensitive = true, datasets = 'statistics/divisions;health/deaths'", 20),
            delivery(
                "scope = '320100', rows_read = null, rows_accepted = null, rows_rejected = null", "dataset = 'deaths'"
            ),
            change("service_levels", "scope = '320100'", "dataset = 'deaths'"),
            delivery("rows_read = 7, rows_accepted = 7, rows_rejected = 0", f"{DEATHS}'2019'"),
            delivery("message_zh = '只有 7 行'", "dataset = 'deaths' and outcome = 'refused'"),
        ],
    ),
    "deliveries/row_counts": (
        4,
        [
            delivery("rows_accepted = null, rows_rejected = null", "dataset = 'census' and period = '2010'"),
            delivery("rows_rejected = 9", f"{DEATHS}'2019'"),
            delivery("rows_accepted = null", f"{DEATHS}'2020'"),
            delivery("rows_read = 0, rows_accepted = 0, rows_rejected = 0", REPLACED),
        ],
    ),
    "deliveries/reject_share": (1, [delivery("rows_rejected = 21, rows_accepted = 1979", f"{DEATHS}'2020'")]),
    "deliveries/volume": (
        3,
        [
            delivery("rows_read = 4000, rows_accepted = 4000, rows_rejected = 0", f"{DEATHS}'2021'"),
            delivery("rows_read = 65535, rows_accepted = 65535, rows_rejected = 0", "dataset = 'census'"),
        ],
    ),
    "deliveries/shrunken": (
        2,
        [
            # 890 are less than seven of ten of 1,990, and 1,490 less than three of four
            delivery("rows_read = 895, rows_accepted = 890, rows_rejected = 5", f"{DEATHS}'2021'"),
            delivery(
                "rows_read = 1500, rows_accepted = 1490, rows_rejected = 10",
                "dataset = 'kindergarten_census' and outcome = 'accepted' and period = '2019'",
            ),
        ],
    ),
    "deliveries/copies": (1, [delivery("source_sha256 = 'same'", f"{DEATHS}'2020' or {DEATHS}'2021'")]),
    "deliveries/future": (
        2,
        [
            delivery("received_at = timestamp '2999-01-01'", REPLACED),
            delivery("received_at = null", REPLACED.replace("2020", "2019")),
        ],
    ),
    "deliveries/unreplaced": (
        2,  # sent again for another area only, and before
        [
            repeat("deliveries", "outcome = 'refused'", "'city' as delivery_id, '320100' as scope"),
            delivery("received_at = received_at + interval 9 day", "outcome = 'refused' and scope = '320000'"),
        ],
    ),
    "service_levels/key": (1, [repeat("service_levels", "dataset = 'survey' and period = '2020'")]),
    "service_levels/late": (1, [level("state = 'late', days_late = 5", "2020")]),
    "service_levels/missing": (
        1,
        [
            delete("deliveries", "dataset = 'survey' and period = '2020'"),
            level("state = 'missing', days_late = null", "2020"),
        ],
    ),
    "service_levels/agreement": (
        3,
        [level("state = 'lost'", "2019"), level("state = 'refused'", "2020"), level("days_late = 3", "2021")],
    ),
}

# what two rules see: rows of each
SHARED: dict[str, tuple[dict[str, int], str]] = {
    "a_target_is_lacking": (
        {"indicators/targets": 1, "target_progress/target": 246},  # 123 regions, 2020 and 2021
        indicator("target = null", 1),
    ),
    "a_cell_is_of_an_unknown_indicator": (
        {"indicator_values/references": 1, "indicator_values/coverage": 368},  # 123 regions, 3 years, but one
        repeat("indicator_values", EMPTY, "'unknown' as indicator"),
    ),
    "a_rate_per_resident_has_no_basis": (
        {"indicator_values/bases": 1, "indicator_values/coverage": 368},
        repeat("indicator_values", f"{LIFE} and period = '2019'", f"'none' as population_basis, {NOT_DUE}"),
    ),
    "a_period_is_no_period": (
        {"indicator_values/vocabulary": 1, "indicator_values/coverage": 122},
        repeat("indicator_values", EMPTY, "'2019-13' as period, 'month' as period_kind"),
    ),
    "a_cell_is_of_an_unknown_stratum": (
        {"indicator_values/vocabulary": 1, "indicator_values/coverage": 368},
        repeat("indicator_values", EMPTY, "'nomads' as stratum"),
    ),
    "a_county_is_not_in_its_citys_region": (
        # two regions; 3 years in 3 strata, 3 years
        {"regions/parents": 1, "indicator_values/additive": 24},
        region("macro_region_code = 'north'", "320102"),
    ),
    "a_county_has_two_cities": (
        {"regions/parents": 1, "indicator_values/additive": 24},
        region("city_code = '320200'", "320102"),
    ),
    "no_delivery_is_accepted": (
        {"deliveries/accepted_once": 1, "service_levels/agreement": 1},
        delivery("outcome = 'superseded'", f"{DEATHS}'2020'"),
    ),
}

# what must not change once it is published
RESTATEMENTS: dict[str, tuple[dict[str, int], str, str]] = {  # the last: how the publication before was other
    "what_was_hidden": (
        {"indicator_values/stays_hidden": 4},
        "",
        cell(HIDE, STRATA.replace("= '320101'", "in ('320101', '320102')")),
    ),
    "values_and_their_parts": (
        {"indicator_values/history": 3},
        survey("value = value + 1e-6", "320000")
        + survey("numerator = 1, denominator = 2", "320100")
        + survey(f"status = 'not_due', {NO_VALUE}", "320200"),
        "",
    ),
    "a_rounded_value": (
        {"indicator_values/history": 1, "indicator_values/rounding": 1},
        survey("value_rounded = value_rounded + 1", "320000"),
        "",
    ),
    "a_cell_that_vanishes": (
        {"indicator_values/history": 1, "indicator_values/coverage": 1},
        delete("indicator_values", f"{SURVEY}'320000'"),
        "",
    ),
}
