-- one row per indicator, detail (both sexes, men, women), region, period and population basis: life expectancy at birth and its
-- 95 % interval, by Chiang's abridged life table (formulas.md 13): doubles are made of finished sums, group after group
{%- set bands = age_bands() %}
{%- set closed = bands[:-1] %}
{#- a, the years that those who die in a group live in it #}
{%- set dead = {'0': '(0.07 + 1.7 * rate_0)', '1_4': '1.6'} %}
with pooled as (select * from {{ ref('int_life_tables__pooled') }}),

-- M: nobody died is a rate of 0, even where nobody lived; a group that is not there is such a one
rates as (
    select
        {% for band, first, width in bands %}
            case
                when coalesce(deaths_{{ band }}, 0) = 0 then 0
                else cast(deaths_{{ band }} as double) / nullif(cast(person_years_{{ band }} as double), 0)
            end as rate_{{ band }},
        {% endfor %}
        *
    from pooled
),

-- q before it is capped, which least() would make 1 where it is unknown
risks as (
    select
        {% for band, first, width in closed %}
            {{ width }} * rate_{{ band }} / (1 + ({{ width }} - {{ dead.get(band, width / 2) }}) * rate_{{ band }}) as risk_{{ band }},
        {% endfor %}
        *
    from rates
),

-- of more infant deaths than infants the fraction turns negative
dying as (
    select
        {% for band, first, width in closed %}
            case when risk_{{ band }} between 0 and 1 or risk_{{ band }} is null then risk_{{ band }} else 1 end as dying_{{ band }},
        {% endfor %}
        *
    from risks
),

-- l, each of the one before it
alive as (
    select
        cast(100000 as double) as alive_0,
        {% for band, first, width in closed %}
            alive_{{ band }} * (1 - dying_{{ band }}) as alive_{{ bands[loop.index][0] }},
        {% endfor %}
        *
    from dying
),

-- L
lived as (
    select
        *,
        {% for band, first, width in closed %}
            {{ width }} * alive_{{ bands[loop.index][0] }} + {{ dead.get(band, width / 2) }} * (alive_{{ band }} * dying_{{ band }}) as lived_{{ band }},
        {% endfor %}
        alive_85_plus / nullif(rate_85_plus, 0) as lived_85_plus
    from alive
),

-- T, from the oldest down
ahead as (
    select
        lived_85_plus as ahead_85_plus,
        {% for band, first, width in closed | reverse %}
            ahead_{{ bands[loop.revindex][0] }} + lived_{{ band }} as ahead_{{ band }},
        {% endfor %}
        *
    from lived
),

-- e; where all have died nobody is left to expect anything
expected as (
    select
        {% for band, first, width in bands %}
            case when alive_{{ band }} = 0 then 0 else ahead_{{ band }} / alive_{{ band }} end as expected_{{ band }},
        {% endfor %}
        *
    from ahead
),

-- of the deaths as they were observed, since a weight makes nobody surer
varied as (
    select
        *,
        {% for band, first, width in closed %}
            {{ '+ ' if not loop.first }}case
                when coalesce(deaths_observed_{{ band }}, 0) = 0 then 0
                else
                    power(
                        alive_{{ band }} / alive_0 * dying_{{ band }}
                        * ({{ width }} - {{ dead.get(band, width / 2) }} + expected_{{ bands[loop.index][0] }}),
                        2
                    ) * (1 - dying_{{ band }}) / deaths_observed_{{ band }}
            end
        {% endfor %} as variance
    from expected
)

select
    indicator,
    detail,
    region_code,
    period,
    period_kind,
    population_basis,
    'all' as stratum,
    case when is_complete then cast(deaths as decimal(28, 6)) end as numerator,
    case when is_complete then cast(person_years as decimal(28, 6)) end as denominator,
    case when is_complete and gap is null then expected_0 end as value,
    case when is_complete and gap is null then expected_0 - 1.96 * sqrt(variance) end as value_lower,
    case when is_complete and gap is null then expected_0 + 1.96 * sqrt(variance) end as value_upper,
    covered_share,
    case
        when not is_complete or gap is not null or expected_0 is not null then gap
        when coalesce(deaths_85_plus, 0) = 0 then 'few_deaths'
        else 'few_person_years'  -- somebody died where nobody lived
    end as gap
from varied
