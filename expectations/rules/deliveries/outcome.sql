-- title: 交付结果为采用、被取代、退回或撤回；收下的有时期、应交日期与校验值，退回的有原因，退回和撤回的有中文说明
-- severity: critical
select delivery_id, department, dataset, period, outcome, due_date, source_sha256, reason, message_zh
from {batch}
where coalesce(outcome, '') not in ('accepted', 'superseded', 'refused', 'withdrawn')
    or (
        coalesce(outcome, '') in ('refused', 'withdrawn')
        and (
            (outcome = 'refused' and coalesce(reason, '') = '')
            or not regexp_matches(coalesce(message_zh, ''), '[一-龥]')
        )
    )
    or (
        coalesce(outcome, '') in ('accepted', 'superseded', 'withdrawn')
        and (period is null or due_date is null or source_sha256 is null)
    )
