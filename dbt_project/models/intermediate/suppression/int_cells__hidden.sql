-- one row per indicator, region, period and stratum that is not shown: a small count of persons, or one that would give such a
-- count back by subtraction from what is shown above it, or by comparison with the publication before (methods.md 10)
with counts as (
    select
        counted.*,
        counted.indicator || counted.population_basis || counted.stratum || counted.counted as key,
        max(counted.suppression_threshold) over () as least,
        case when suppressed.indicator is not null then 1 else 0 end as was_hidden
    from {{ ref('int_counts__guarded') }} as counted
    left join {{ ref('stg_lake__suppressed_cells') }} as suppressed
        on
            counted.indicator = suppressed.indicator
            and counted.region_code = suppressed.region_code
            and counted.period = suppressed.period
            and counted.stratum = suppressed.stratum
),

-- what was hidden is hidden also while nothing is delivered for it: its sum with the others must not become theirs
units as (
    select
        family,
        period,
        block,
        level,
        parent_code,
        region_code,
        max(case when was_hidden = 1 or (persons > 0 and persons < least) or (secret > 0 and secret < least) then 1 else 0 end) as is_small,
        min(case when secret < least then 0 else 1 end) as is_ample,
        max(case when secret > 0 then 1 else 0 end) as is_secret
    from counts
    group by family, period, block, level, parent_code, region_code
    having max(persons) is not null or max(was_hidden) = 1
),

keys as (select distinct family, period, block, level, parent_code, key from counts),

{#- From the top down. Under a parent that is shown, the hidden ones' sum can be had by subtraction: others, the ample ones
first, are hidden with them until there are two at least that each has a part in it, and no such sum is small, with or without
the counts that are no secret. Under a hidden parent, all are hidden. -#}
{% set levels = ['macro_region', 'city', 'county'] %}
{% for level in levels %}
    placed_{{ level }} as (
        select
            units.*,
            {{ 'above.region_code is not null' if not loop.first else 'false' }} as is_under_hidden,
            sum(units.is_small) over (partition by units.family, units.period, units.block, units.parent_code) as small,
            row_number() over (
                partition by units.family, units.period, units.block, units.parent_code
                order by units.is_small desc, units.is_ample desc, units.is_secret desc, units.region_code desc
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
            max(counts.least) over () as least,
            sum(coalesce(counts.persons, 0)) over parent as persons,
            sum(coalesce(counts.secret, 0)) over parent as secret,
            sum(case when counts.secret > 0 or (counts.secret is null and counts.was_hidden = 1) then 1 else 0 end) over parent as parts
        from placed_{{ level }} as placed
        inner join keys
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
        window parent as (
            partition by placed.family, placed.period, placed.block, placed.parent_code, keys.key order by placed.place
        )
    ),

    enough_{{ level }} as (
        select family, period, block, parent_code, min(place) as place
        from (
            select sums.family, sums.period, sums.block, sums.parent_code, sums.place
            from sums_{{ level }} as sums
            where sums.place >= 2 and sums.place >= sums.small
            group by sums.family, sums.period, sums.block, sums.parent_code, sums.place
            having
                bool_and(sums.persons = 0 or sums.persons >= sums.least)
                and bool_and(sums.secret = 0 or (sums.secret >= sums.least and sums.parts >= 2))
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

select distinct counts.indicator, counts.region_code, counts.period, counts.stratum
from counts
inner join hidden
    on
        counts.family = hidden.family
        and counts.period = hidden.period
        and counts.block = hidden.block
        and counts.region_code = hidden.region_code
where counts.persons is not null or counts.was_hidden = 1
