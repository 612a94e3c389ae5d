-- one row per indicator, detail and year with a delivery expected: the share of the deliveries that it reads that have come,
-- by the dataset of which the fewest have; what a year reads of earlier years counts, too
with feeds as (
    select distinct indicator, detail, dataset_name, reach
    from {{ ref('int_formulas__declared') }}
    where reach <> 'latest'
),

areas as (
    select
        dataset_name,
        year,
        scope,
        count(*) as expected,
        sum(case when state in ('on_time', 'late') then 1 else 0 end) as come
    from {{ ref('int_deliveries__expected') }}
    group by dataset_name, year, scope
),

-- the regions of an area that has sent nothing have no measures, which is counted where regions are summed
years as (
    select
        dataset_name,
        year,
        sum(case when come > 0 then expected else 0 end) as expected,
        sum(come) as come,
        sum(expected) as expected_of_all
    from areas
    group by dataset_name, year
),

shares as (
    select
        feeds.indicator,
        feeds.detail,
        feeds.dataset_name,
        years.year as period,
        case
            when years.come = 0 then 0
            when feeds.reach = 'to_date' then cast(sum(earlier.come) as double) / sum(earlier.expected_of_all)
            else cast(years.come as double) / years.expected
        end as covered_share
    from feeds
    inner join years on feeds.dataset_name = years.dataset_name
    inner join years as earlier on years.dataset_name = earlier.dataset_name and years.year >= earlier.year
    group by feeds.indicator, feeds.detail, feeds.dataset_name, feeds.reach, years.year, years.come, years.expected
)

select indicator, detail, period, min(covered_share) as covered_share
from shares
group by indicator, detail, period
