{{ config(materialized='kept', meta={'reads': {'education/balanced_evaluations': 'to_date'}}) }}
-- one row per measure, region and year: evaluation units (none in a zone that is not evaluated, which is not missing), and
-- those whose latest provincial result is a pass;
-- a merged county keeps the worse result of its parts until it is evaluated itself
with todo as (select * from {{ pending() }}),

units as (
    select
        todo.inputs_key,
        todo.year,
        divisions.region_code as unit_code,
        coalesce(successions.region_code, divisions.region_code) as region_code,
        case when divisions.is_eval_unit then 1 else 0 end as is_eval_unit
    from {{ ref('stg_statistics__divisions') }} as divisions
    cross join todo
    left join {{ ref('stg_statistics__successions') }} as successions on divisions.region_code = successions.former_code
    where
        divisions.level in ('county', 'zone')
        and divisions.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(divisions.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

ranked as (
    select
        todo.inputs_key,
        evaluations.eval_unit_code,
        evaluations.region_code,
        case when evaluations.result = 'passed' then 1 else 0 end as passed,
        row_number() over (
            partition by todo.inputs_key, evaluations.eval_unit_code order by evaluations.eval_date desc
        ) as recency
    from {{ ref('stg_education__balanced_evaluations') }} as evaluations
    inner join todo on evaluations.period <= todo.year
    where evaluations.level = 'provincial'
),

latest as (select * from ranked where recency = 1),

parts as (
    select inputs_key, region_code, min(passed) as passed
    from latest
    where eval_unit_code <> region_code
    group by inputs_key, region_code
),

judged as (
    select
        units.inputs_key,
        units.year,
        units.region_code,
        units.is_eval_unit,
        units.is_eval_unit * coalesce(latest.passed, parts.passed, 0) as passed
    from units
    left join latest on units.inputs_key = latest.inputs_key and units.unit_code = latest.eval_unit_code
    left join parts on units.inputs_key = parts.inputs_key and units.unit_code = parts.region_code
),

counted as (
    select
        inputs_key,
        region_code,
        year as period,
        cast(sum(is_eval_unit) as decimal(28, 6)) as eval_units,
        cast(sum(passed) as decimal(28, 6)) as counties_passed
    from judged
    group by inputs_key, region_code, year
)

{{ melt('counted', ['eval_units', 'counties_passed']) }}
