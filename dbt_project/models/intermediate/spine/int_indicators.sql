-- one row per indicator: the promise, with the datasets that its measures are counted from
with indicators as (select * from {{ ref('stg_plan__indicators') }}),

declared as (select * from {{ ref('int_formulas__declared') }} where detail = 'headline'),

datasets as (
    select
        indicator,
        string_agg(distinct dataset_name, ';' order by dataset_name) as datasets,
        bool_and(is_additive) as is_additive,
        max(case when reach = 'next_year' then 1 else 0 end) as years_open,
        bool_or(is_of_persons and role in ('numerator', 'paid')) as is_numerator_of_persons,
        bool_or(is_of_persons and role in ('denominator', 'paid')) as is_denominator_of_persons
    from declared
    group by indicator
    -- an indicator of which only the denominator is counted has no source yet
    having count(*) = count(dataset_name)
),

-- a sandbox has fewer persons: its threshold is scaled, to three at the least
scales as (select max(sandbox_scale) as sandbox_scale from {{ ref('stg_lake__deliveries') }} where is_accepted),

guarded as (
    select indicator from {{ ref('stg_plan__strata') }}
    union distinct
    select indicator from indicators where is_sensitive
)

select
    indicators.*,
    plan.method_version,
    datasets.datasets,
    datasets.years_open,
    -- of a county three years are pooled, of a city one is taken
    coalesce(datasets.is_additive and indicators.formula_kind <> 'life_table', false) as is_additive,
    coalesce(datasets.is_numerator_of_persons, false) as is_numerator_of_persons,
    coalesce(datasets.is_denominator_of_persons, false) as is_denominator_of_persons,
    case
        when guarded.indicator is null then null
        when scales.sandbox_scale is null then plan.suppression_threshold
        else cast(greatest(ceil(plan.suppression_threshold * scales.sandbox_scale), 3) as integer)
    end as suppression_threshold
from indicators
cross join {{ ref('stg_plan__plan') }} as plan
cross join scales
left join guarded on indicators.indicator = guarded.indicator
left join datasets on indicators.indicator = datasets.indicator
