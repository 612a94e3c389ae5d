-- one row per choice that an indicator's definition was settled by, where the plan leaves it open
select distinct
    choices.indicator,
    choices.choice,
    choices.chosen,
    choices.reason_zh,
    choices.alternatives_zh,
    plan.method_version
from {{ ref('stg_plan__choices') }} as choices
cross join {{ ref('stg_plan__plan') }} as plan
