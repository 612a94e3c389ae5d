{{ config(materialized='kept') }}
-- one row per measure, region and year: physicians and assistant physicians registered at the year end, and the general
-- practitioners among them; each person once, at the main institution (of two, the one registered last)
with todo as (select * from {{ pending() }}),

spells as (
    select
        todo.inputs_key,
        todo.year,
        personnel.person_key,
        personnel.region_code,
        personnel.register_date,
        personnel.record,
        personnel.is_gp_trained,
        personnel.licence_type in ('physician', 'assistant')
        and personnel.is_primary_site
        and personnel.register_date <= cast(todo.year || '-12-31' as date)
        and coalesce(personnel.end_date, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date) as is_physician
    from {{ ref('stg_health__health_personnel') }} as personnel
    inner join todo on personnel.period = todo.year
),

ranked as (
    select
        *,
        bool_or(is_physician and is_gp_trained) over (partition by inputs_key, person_key) as is_general_practitioner,
        row_number() over (
            partition by inputs_key, person_key order by is_physician desc, register_date desc, record desc
        ) as rank
    from spells
),

-- a county on the register without any physician has none; a county that is not on it has not reported
counted as (
    select
        inputs_key,
        region_code,
        year as period,
        cast(sum(case when is_physician and rank = 1 then 1 else 0 end) as decimal(28, 6)) as physicians,
        cast(
            sum(case when is_physician and rank = 1 and is_general_practitioner then 1 else 0 end) as decimal(28, 6)
        ) as general_practitioners
    from ranked
    group by inputs_key, region_code, year
)

{{ melt('counted', ['physicians', 'general_practitioners']) }}
