-- one row per indicator: the promise, with the datasets that its measures are counted from
with indicators as (select * from {{ ref('stg_plan__indicators') }}),

declared as (
    select formulas.indicator, formulas.measure, declared.dataset_name, declared.is_additive
    from {{ ref('stg_plan__formulas') }} as formulas
    left join {{ ref('int_measures__declared') }} as declared on formulas.measure = declared.measure
),

datasets as (
    select indicator, string_agg(distinct dataset_name, ';' order by dataset_name) as datasets, bool_and(is_additive) as is_additive
    from declared
    group by indicator
    -- an indicator of which only the denominator is counted has no source yet
    having count(*) = count(dataset_name)
)

select indicators.*, plan.method_version, datasets.datasets, coalesce(datasets.is_additive, false) as is_additive
from indicators
cross join {{ ref('stg_plan__plan') }} as plan
left join datasets on indicators.indicator = datasets.indicator
