-- one row per indicator, region, period and stratum that is not shown: a small count of persons, or one that would give such a
-- count back by subtraction from what is shown above it, or by comparison with the publication before (methods.md 10)
with counts as (
    select *, indicator || population_basis || stratum || counted as key from {{ ref('int_counts__guarded') }}
),

thresholds as (select max(suppression_threshold) as least from counts),

families as (select distinct indicator, family, block, stratum from counts),

before as (
    select distinct families.family, families.block, suppressed.period, suppressed.region_code
    from {{ ref('stg_lake__suppressed_cells') }} as suppressed
    inner join families on suppressed.indicator = families.indicator and suppressed.stratum = families.stratum
),

units as (
    select
        counts.family,
        counts.period,
        counts.block,
        counts.level,
        counts.parent_code,
        counts.region_code,
        max(case when before.family is not null or (counts.persons > 0 and counts.persons < thresholds.least) then 1 else 0 end) as is_small,
        min(case when counts.persons >= thresholds.least then 1 else 0 end) as is_ample
    from counts
    cross join thresholds
    left join before
        on
            counts.family = before.family
            and counts.block = before.block
            and counts.period = before.period
            and counts.region_code = before.region_code
    group by counts.family, counts.period, counts.block, counts.level, counts.parent_code, counts.region_code
),

{#- From the top down. Under a parent that is shown, the hidden ones' sum can be had by subtraction: others, the ample ones
first, are hidden with them until there are two at least and no such sum is small. Under a hidden parent, all are hidden. -#}
{% set levels = ['macro_region', 'city', 'county'] %}
{% for level in levels %}
placed_{{ level }} as (
    select
        units.*,
        {{ 'above.region_code is not null' if not loop.first else 'false' }} as is_under_hidden,
        sum(units.is_small) over (partition by units.family, units.period, units.block, units.parent_code) as small,
        row_number() over (
            partition by units.family, units.period, units.block, units.parent_code
            order by units.is_small desc, units.is_ample desc, units.region_code desc
        ) as place
    from units
    {% if not loop.first %}
    left join hidden_{{ loop.previtem }} as above
        on
            units.family = above.family
            and units.period = above.period
            and units.block = above.block
            and units.parent_code = above.region_code
    {% endif %}
    where units.level = '{{ level }}'
),

sums_{{ level }} as (
    select
        placed.family,
        placed.period,
        placed.block,
        placed.parent_code,
        placed.place,
        placed.small,
        sum(coalesce(counts.persons, 0)) over (
            partition by placed.family, placed.period, placed.block, placed.parent_code, keys.key order by placed.place
        ) as persons
    from placed_{{ level }} as placed
    inner join (select distinct family, period, block, level, parent_code, key from counts) as keys
        on
            placed.family = keys.family
            and placed.period = keys.period
            and placed.block = keys.block
            and placed.level = keys.level
            and placed.parent_code = keys.parent_code
    left join counts
        on
            placed.family = counts.family
            and placed.period = counts.period
            and placed.block = counts.block
            and placed.region_code = counts.region_code
            and keys.key = counts.key
),

enough_{{ level }} as (
    select family, period, block, parent_code, min(place) as place
    from (
        select sums.family, sums.period, sums.block, sums.parent_code, sums.place
        from sums_{{ level }} as sums
        cross join thresholds
        where sums.place >= 2 and sums.place >= sums.small
        group by sums.family, sums.period, sums.block, sums.parent_code, sums.place
        having bool_and(sums.persons = 0 or sums.persons >= thresholds.least)
    ) as safe
    group by family, period, block, parent_code
),

hidden_{{ level }} as (
    select placed.family, placed.period, placed.block, placed.region_code
    from placed_{{ level }} as placed
    left join enough_{{ level }} as enough
        on
            placed.family = enough.family
            and placed.period = enough.period
            and placed.block = enough.block
            and placed.parent_code = enough.parent_code
    where placed.is_under_hidden or (placed.small > 0 and placed.place <= coalesce(enough.place, placed.place))
),

{% endfor %}
hidden as (
    {% for level in levels %}
    select family, period, block, region_code from hidden_{{ level }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select distinct families.indicator, hidden.region_code, hidden.period, families.stratum
from hidden
inner join families on hidden.family = families.family and hidden.block = families.block
