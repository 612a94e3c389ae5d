-- one row per guarded indicator that counts persons: the family of those that count the same, directly or by way of others
with recursive guarded as (select indicator from {{ ref('int_indicators') }} where suppression_threshold is not null),

shared as (
    select distinct formulas.indicator, formulas.measure
    from {{ ref('int_formulas__declared') }} as formulas
    inner join guarded on formulas.indicator = guarded.indicator
    where formulas.detail = 'headline' and formulas.is_of_persons
),

relatives (indicator, relative) as (
    select indicator, indicator from shared
    union
    select relatives.indicator, other.indicator
    from relatives
    inner join shared as one on relatives.relative = one.indicator
    inner join shared as other on one.measure = other.measure
)

select indicator, min(relative) as family
from relatives
group by indicator
