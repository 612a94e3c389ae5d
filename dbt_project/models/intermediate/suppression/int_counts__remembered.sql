-- one row per count of persons below the province that has been published or hidden, after this publication: kept beside the
-- channel, not in it, so that a rollback forgets nothing; of what is held nothing has changed
with decided as (
    select distinct hidden.indicator, hidden.region_code, hidden.period, counts.block, hidden.is_hidden, hidden.is_held
    from {{ ref('int_cells__hidden') }} as hidden
    inner join {{ ref('int_counts__compared') }} as counts
        on
            hidden.indicator = counts.indicator
            and hidden.region_code = counts.region_code
            and hidden.period = counts.period
            and hidden.stratum = counts.stratum
),

numbered as (select coalesce(max(since), 0) + 1 as publication from {{ ref('stg_lake__guarded_counts') }})

select
    counts.indicator,
    counts.region_code,
    counts.period,
    counts.population_basis,
    counts.stratum,
    counts.counted,
    case when decided.is_held then counts.was else counts.value end as value,
    case
        when decided.is_held then counts.least
        when decided.is_hidden then least(coalesce(counts.value, 0), coalesce(counts.least, counts.value))
    end as least,
    case
        when decided.is_held then counts.since
        when decided.is_hidden then coalesce(counts.since, numbered.publication)
    end as since
from {{ ref('int_counts__compared') }} as counts
cross join numbered
left join decided
    on
        counts.indicator = decided.indicator
        and counts.region_code = decided.region_code
        and counts.period = decided.period
        and counts.block = decided.block
where coalesce(counts.value, counts.was, counts.since) is not null
