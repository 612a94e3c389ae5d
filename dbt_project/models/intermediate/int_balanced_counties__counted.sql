{{ config(materialized='kept', meta={'reads': {'education/balanced_evaluations': 'to_date'}}) }}
-- one row per measure, region and year: evaluation units, and those whose latest provincial result is a pass;
-- a merged county keeps the worse result of its parts until it is evaluated itself
with todo as (select * from {{ pending() }}),

units as (
    select todo.inputs_key, todo.year, divisions.region_code
    from {{ ref('stg_statistics__divisions') }} as divisions
    cross join todo
    where
        divisions.is_eval_unit
        and divisions.level in ('county', 'zone')
        and divisions.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(divisions.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

ranked as (
    select
        todo.inputs_key,
        evaluations.region_code,
        evaluations.eval_unit_code = evaluations.region_code as is_own,
        evaluations.result,
        row_number() over (
            partition by todo.inputs_key, evaluations.eval_unit_code order by evaluations.eval_date desc
        ) as recency
    from {{ ref('stg_education__balanced_evaluations') }} as evaluations
    inner join todo on evaluations.period <= todo.year
    where evaluations.level = 'provincial'
),

latest as (
    select
        inputs_key,
        region_code,
        coalesce(
            max(case when is_own then case when result = 'passed' then 1 else 0 end end),
            min(case when result = 'passed' then 1 else 0 end)
        ) as passed
    from ranked
    where recency = 1
    group by inputs_key, region_code
)

select inputs_key, 'eval_units' as measure, region_code, year as period, 'all' as stratum, 'none' as population_basis, cast(1 as decimal(28, 6)) as value
from units
union all
select
    units.inputs_key,
    'counties_passed' as measure,
    units.region_code,
    units.year as period,
    'all' as stratum,
    'none' as population_basis,
    cast(coalesce(latest.passed, 0) as decimal(28, 6)) as value
from units
left join latest on units.inputs_key = latest.inputs_key and units.region_code = latest.region_code
