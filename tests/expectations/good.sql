-- A small province in which every rule holds: 2019 to 2021, 35 indicators, five of them reported. 模拟数据

-- 1 province, 3 macro-regions, 13 cities, 95 counties and 11 zones; k numbers counties and zones from 0
create temp table cities as
select
    n,
    '32' || lpad(n::varchar, 2, '0') || '00' as region_code,
    case when n <= 5 then 'south' when n <= 8 then 'central' else 'north' end as macro_region_code
from range(1, 14) as t (n);

create temp table units as
select k, 'county' as level, k % 13 + 1 as n, '32' || lpad((k % 13 + 1)::varchar, 2, '0') || lpad((k // 13 + 1)::varchar, 2, '0') as region_code
from range(95) as t (k)
union all
select 95 + z, 'zone', z + 1, '32' || lpad((z + 1)::varchar, 2, '0') || '71' from range(11) as t (z);

insert into marts.regions by name
select '320000' as region_code, 'province' as level, '省' as name_zh, date '1953-01-01' as valid_from
union all by name
select distinct macro_region_code as region_code, 'macro_region' as level, macro_region_code as name_zh, '320000' as parent_code, macro_region_code, date '1953-01-01' as valid_from from cities
union all by name
select region_code, 'city' as level, '市' || n as name_zh, '320000' as parent_code, region_code as city_code, macro_region_code, date '1983-01-01' as valid_from from cities
union all by name
select units.region_code, level, level || k as name_zh, cities.region_code as parent_code, cities.region_code as city_code, macro_region_code, date '2000-01-01' as valid_from, level = 'county' as is_eval_unit
from units inner join cities on units.n = cities.n
union all by name
select '320101001' as region_code, 'township' as level, '街道' as name_zh, '320101' as parent_code, '320100' as city_code, 'south' as macro_region_code, date '2000-01-01' as valid_from
union all by name -- a code that was given up, a span of a code that is used again, a county that was split up long ago
select code as region_code, 'county' as level, '旧' as name_zh, '320100' as parent_code, '320100' as city_code, 'south' as macro_region_code, date '1983-01-01' as valid_from, ended as valid_to, successor_code
from (values ('320191', date '2020-01-01', '320101'), ('320101', date '2000-01-01', '320101'), ('320190', date '2000-01-01', null)) as t (code, ended, successor_code);

-- numbers 3, 4, 6, 13 and 35 of 表2 with their printed baselines and targets; the others have no source yet
insert into marts.indicators by name
select
    coalesce(real.indicator, 'indicator_' || sequence) as indicator, '2021-2025' as plan, sequence,
    'domain_' || least(sequence, 13) as domain, coalesce(real.name_zh, '指标' || sequence) as name_zh,
    coalesce(real.unit, '人') as unit, 'higher_better' as direction, 'anticipatory' as attribute, 'basic' as service_tier,
    coalesce(real.printed_baseline, '—') as printed_baseline, coalesce(real.printed_target, '10') as printed_target,
    coalesce(real.target_kind, 'at_least') as target_kind, coalesce(real.target, 10) as target,
    real.printed_baseline::decimal(18, 4) as baseline, if(real.printed_baseline is null, 'none', 'exact') as baseline_kind,
    real.tolerance, 'same' as local_target, coalesce(real.formula_kind, 'ratio') as formula_kind,
    coalesce(real.lowest_level, 'county') as lowest_level, 1 as published_decimals, real.decimals as printed_baseline_decimals,
    '定义' as definition_zh, 'derived' as definition_source, 1 as method_version, real.datasets, false as is_cumulative,
    coalesce(real.is_additive, false) as is_additive, sequence = 4 as is_gross, false as is_sensitive, sequence = 3 as is_numerator_of_persons,
    sequence = 3 as is_denominator_of_persons, if(sequence = 3, 10, null) as suppression_threshold
from range(1, 36) as t (sequence)
left join (
    values
    (3, 'inclusive_kindergarten_coverage', '普惠性幼儿园覆盖率', '%', '85', '≥85', 'floor', 85, null, 'ratio', 'county', 0, 'education/kindergarten_census', true),
    (4, 'preschool_gross_enrolment', '学前教育毛入园率', '%', '96.5', '≥98', 'at_least', 98, null, 'ratio', 'county', 1, 'education/kindergarten_census;statistics/resident_population', true),
    (6, 'compulsory_balanced_county_rate', '义务教育优质均衡发展县达标率', '%', '18.9', '60', 'at_least', 60, null, 'area_share', 'city', 1, 'education/balanced_evaluations', true),
    (13, 'life_expectancy_at_birth', '人均预期寿命', '岁', '79.1', '80左右', 'about', 80, 0.5, 'life_table', 'county', 1, 'health/deaths', false),
    (35, 'public_safety_perception', '公众安全感', '%', '98.7', '95', 'floor', 95, null, 'survey', 'city', 1, 'public_safety/survey', false)
) as real (sequence, indicator, name_zh, unit, printed_baseline, printed_target, target_kind, target, tolerance, formula_kind, lowest_level, decimals, datasets, is_additive) using (sequence);

-- what the units report: children and those in inclusive kindergartens, children of 3 to 5, evaluation units
create temp table children as
select k, region_code, level, y as year, 2000 + 10 * k + 7 * (y - 2019) as children from units cross join range(2019, 2022) as t (y);

create temp table reported as
select
    'inclusive_kindergarten_coverage' as indicator, region_code, year, 'none' as population_basis, stratum,
    case stratum when 'all' then inclusive when 'urban' then floor(0.7 * inclusive) else inclusive - floor(0.7 * inclusive) end as numerator,
    case stratum when 'all' then children when 'urban' then floor(0.7 * children) else children - floor(0.7 * children) end as denominator
from children
cross join lateral (select floor(children * (0.85 + 0.005 * (year - 2020))) as inclusive)
cross join (values ('all'), ('urban'), ('rural')) as strata (stratum)
union all -- the first county has more than all, as a gross ratio may; the last zone has children and no residents of that age
select 'preschool_gross_enrolment', region_code, year, basis, 'all', if(k = 105, 3, children), if(k = 105, 0, round(children / (if(k = 0, share + 0.06, share) + 0.002 * (year - 2020))))
from children cross join (values ('census_2020', 0.9645), ('census_2010', 0.98)) as t (basis, share)
where basis = 'census_2020' or year <= 2020
union all
select 'compulsory_balanced_county_rate', region_code, year, 'none', 'all', if(k < 18 + 3 * (year - 2020), 1, 0), 1
from children where level = 'county';

create temp table upward as
select region_code, unnest([region_code, city_code, macro_region_code, '320000']) as ancestor from marts.regions where valid_to is null and level in ('county', 'zone');

create temp table computed as
select
    indicator, ancestor as region_code, year, population_basis, stratum, sum(numerator)::decimal(28, 6) as numerator,
    sum(denominator)::decimal(28, 6) as denominator, 100 * sum(numerator)::double / nullif(sum(denominator), 0)::double as value
from reported inner join upward using (region_code)
group by all
union all -- two that are no ratios: a life table and a survey
select indicator, region_code, y, basis, 'all', null, null, level_value + 0.1 * (y - 2020) + if(level in ('county', 'zone'), (try_cast(region_code as integer) % 11 - 5) / 5.0, 0)
from (values ('life_expectancy_at_birth', 'census_2020', 79.1), ('life_expectancy_at_birth', 'census_2010', 79.0), ('public_safety_perception', 'none', 98.7)) as t (indicator, basis, level_value)
cross join (select region_code, level from marts.regions where valid_to is null and level <> 'township')
cross join range(2019, 2022) as t2 (y)
where basis <> 'census_2010' or y <= 2020;

insert into marts.indicator_values by name
select
    indicators.indicator, regions.region_code, y::varchar as period, basis as population_basis, strata.stratum, 'year' as period_kind, y::varchar as centre_period,
    case when below then 'not_applicable' when value is not null then 'reported' when denominator = 0 then 'not_applicable' else 'missing' end as status,
    if(not below and denominator = 0, 'no_population', null) as flags,
    if(below, null, numerator) as numerator, if(below, null, denominator) as denominator, if(below, null, value) as value,
    if(below, null, round(value::decimal(28, 10), 1)) as value_rounded, if(value is null or below, null, 1) as covered_share
from marts.indicators as indicators
cross join (values ('none'), ('census_2020'), ('census_2010')) as bases (basis)
cross join (values ('all'), ('urban'), ('rural')) as strata (stratum)
cross join (select *, level in ('county', 'zone') as is_low from marts.regions where valid_to is null and level <> 'township') as regions
cross join range(2019, 2022) as t (y)
left join computed on indicators.indicator = computed.indicator and regions.region_code = computed.region_code and y = year and basis = population_basis and strata.stratum = computed.stratum
cross join lateral (select is_low and lowest_level = 'city' as below)
where (basis <> 'none') = (sequence in (4, 13)) and (basis <> 'census_2010' or (y <= 2020 and not is_low)) and (strata.stratum = 'all' or sequence = 3);

insert into marts.indicator_details by name
select
    'life_expectancy_at_birth' as indicator, 'male' as detail, 'all' as stratum, '320000' as region_code, '2020' as period,
    'census_2020' as population_basis, '男性' as name_zh, 'year' as period_kind, 76.8 as value, 76.2 as value_lower, 77.4 as value_upper;

insert into marts.target_progress by name
select
    v.indicator, v.region_code, v.period, v.population_basis, v.value, i.target,
    case when v.region_code = '320000' then i.baseline else b.value::decimal(18, 4) end as baseline,
    case when i.target_kind = 'floor' then i.target else baseline + (i.target - baseline) * (v.period::integer - 2020) / 5 end::double as required_path,
    if(basis_ok and v.value is not null, if(required_path > v.value, required_path - v.value, 0), null) as shortfall,
    if(basis_ok, 100 * v.value / i.target::double, null) as attainment_uncapped,
    if(attainment_uncapped > 100, 100, attainment_uncapped) as attainment,
    if(basis_ok, v.value >= i.target, null) as is_met,
    if(basis_ok, v.value + coalesce(i.tolerance, 0)::double >= i.target, null) as is_met_within_tolerance,
    case
        when v.status = 'not_applicable' then 'not_applicable' when v.value is null then 'missing' when not basis_ok then 'not_comparable'
        when is_met_within_tolerance then 'met' when shortfall = 0 then 'on_track' when shortfall < 0.5 then 'behind' else 'at_risk'
    end as status,
    nullif(concat_ws(';', if(baseline is null, 'no_baseline', null), if(is_met_within_tolerance and not is_met, 'within_tolerance_only', null)), '') as flags
from marts.indicator_values as v
inner join marts.indicators as i using (indicator)
left join marts.indicator_values as b on v.indicator = b.indicator and v.region_code = b.region_code and v.population_basis = b.population_basis and b.period = '2020' and b.stratum = 'all'
cross join lateral (select v.population_basis <> 'census_2010' as basis_ok)
where v.period >= '2020' and v.stratum = 'all';

-- a yearly delivery of every dataset, a monthly one, two censuses; one replaced by a correction, one refused and sent again
insert into marts.deliveries by name
select
    md5(concat(dataset, period, outcome, attempt)) as delivery_id, department, dataset, period, '320000' as scope, outcome,
    concat('模拟数据_', dataset, '_', period, '_', attempt) as source_file, sha256(concat(dataset, period, attempt)) as source_sha256,
    '1.0.0' as contract_version, if(outcome = 'refused', 'header_mismatch', null) as reason,
    if(outcome = 'refused', '表头不符，请按契约重新导出', null) as message_zh,
    2000 as rows_read, if(outcome = 'refused', null, 1990) as rows_accepted, if(outcome = 'refused', null, 10) as rows_rejected, 0 as days_late,
    (period || if(length(period) = 4, '-12-31', '-28'))::date + 60 as due_date, due_date - 40 + attempt::integer as received_at
from (
    select 'education' as department, 'kindergarten_census' as dataset, y::varchar as period, outcome, attempt
    from range(2019, 2022) as t (y) cross join (values ('superseded', 1), ('accepted', 2)) as t2 (outcome, attempt)
    union all
    select department, dataset, y::varchar, 'accepted', 3
    from range(2019, 2022) as t (y)
    cross join (values ('statistics', 'resident_population'), ('statistics', 'divisions'), ('education', 'balanced_evaluations'), ('health', 'deaths'), ('public_safety', 'survey')) as t2 (department, dataset)
    union all
    select 'civil_affairs', 'homecare_services', strftime(month, '%Y-%m'), 'accepted', 4
    from generate_series(date '2019-01-01', date '2021-12-01', interval 1 month) as t (month)
    union all
    select 'statistics', 'census', period, 'accepted', 5 from (values ('2010'), ('2020')) as t (period)
    union all
    select 'health', 'deaths', '2021', 'refused', 2
);

insert into marts.service_levels by name
select department, dataset, period, scope, 'on_time' as state, count(*) as deliveries, 0 as days_late, min(due_date) as due_date, min(received_at) as received_at
from marts.deliveries
where outcome <> 'refused'
group by all;
