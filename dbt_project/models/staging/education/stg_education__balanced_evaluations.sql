-- one row per evaluated unit, date and level
with evaluations as (select * from {{ source('education', 'balanced_evaluations') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    evaluations.eval_unit_code,
    coalesce(successions.region_code, evaluations.eval_unit_code) as region_code,
    evaluations.period,
    evaluations.level,
    evaluations.result,
    evaluations.batch,
    evaluations.eval_date
from evaluations
left join successions on evaluations.eval_unit_code = successions.former_code
