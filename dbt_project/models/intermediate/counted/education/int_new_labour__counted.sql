{{ config(materialized='kept') }}
-- one row per measure, region and year: persons whose last exit of the year is not to further study, and their years of schooling
with todo as (select * from {{ pending() }}),

schooling as (
    select item as exit_level, value as schooling_years
    from {{ ref('stg_plan__choices') }}
    where indicator = 'new_labour_mean_schooling_years' and choice = 'schooling_years'
),

ranked as (
    select
        todo.inputs_key,
        todo.year,
        exits.*,
        row_number() over (
            partition by todo.inputs_key, exits.student_key order by exits.exit_date desc, exits.record desc
        ) as recency
    from {{ ref('stg_education__graduate_exits') }} as exits
    inner join todo on exits.period = todo.year
),

entrants as (
    select
        ranked.inputs_key,
        ranked.year,
        ranked.region_code,
        case when ranked.exit_status = 'dropped' then ranked.years_completed else schooling.schooling_years end as schooling_years
    from ranked
    left join schooling on ranked.exit_level = schooling.exit_level
    where ranked.recency = 1 and ranked.next_destination <> 'study'
),

-- who dropped out after an unknown number of years has no place in a mean
counted as (
    select
        inputs_key,
        region_code,
        year as period,
        cast(count(*) as decimal(28, 6)) as new_labour_entrants,
        sum(schooling_years) as new_labour_schooling_years
    from entrants
    where schooling_years is not null
    group by inputs_key, region_code, year
)

{{ melt('counted', ['new_labour_entrants', 'new_labour_schooling_years']) }}
