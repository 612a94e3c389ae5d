{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum (sex and age group at death): deaths by place of residence, as weighted for
-- under-registration and as observed; each death once, as the best source that knows of it has it (by the order that is chosen)
with todo as (select * from {{ pending() }}),

-- a row that has somebody die before birth tells no age
ranked as (
    select
        todo.inputs_key,
        todo.year,
        registrations.region_code,
        registrations.sex,
        registrations.adjust_weight,
        {{ completed_years('registrations.birth_date', 'registrations.death_date') }} as age_years,
        row_number() over (
            partition by todo.inputs_key, registrations.death_key
            order by sources.value, registrations.record
        ) as rank
    from {{ ref('stg_health__death_registrations') }} as registrations
    inner join todo on registrations.period = todo.year
    inner join {{ ref('stg_plan__choices') }} as sources
        on
            registrations.source = sources.item
            and sources.indicator = 'life_expectancy_at_birth'
            and sources.choice = 'death_sources'
    where registrations.birth_date <= registrations.death_date
),

deaths as (
    select inputs_key, year, region_code, adjust_weight, sex || '_' || {{ age_band('age_years') }} as stratum
    from ranked
    where rank = 1
),

regions as (select distinct inputs_key, year, region_code from deaths),

strata (stratum) as (
    values {% for sex in ['male', 'female'] %}{% set last_sex = loop.last %}{% for band, first, width in age_bands() -%}
        ('{{ sex }}_{{ band }}'){{ ', ' if not (loop.last and last_sex) }}
    {%- endfor %}{% endfor %}
),

-- an age at which nobody died in a county that reports has no deaths, and is not missing
counted as (
    select
        regions.inputs_key,
        regions.region_code,
        regions.year as period,
        strata.stratum,
        coalesce(sum(deaths.adjust_weight), 0) as deaths,
        count(deaths.stratum) as deaths_observed
    from regions
    cross join strata
    left join deaths
        on
            regions.inputs_key = deaths.inputs_key
            and regions.region_code = deaths.region_code
            and strata.stratum = deaths.stratum
    group by regions.inputs_key, regions.region_code, regions.year, strata.stratum
)

{{ melt('counted', ['deaths', 'deaths_observed'], stratum='stratum') }}
