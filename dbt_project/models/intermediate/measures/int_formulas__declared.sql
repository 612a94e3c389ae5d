-- one row per indicator, detail, role, measure and dataset that the measure is counted from: which dataset feeds which indicator;
-- a measure that no model counts has one row, without a dataset
select
    formulas.indicator,
    formulas.detail,
    formulas.kind,
    formulas.role,
    formulas.measure,
    declared.dataset_name,
    declared.reach,
    formulas.factor,
    declared.is_additive,
    declared.is_of_persons
from {{ ref('stg_plan__formulas') }} as formulas
left join {{ ref('int_measures__declared') }} as declared on formulas.measure = declared.measure
