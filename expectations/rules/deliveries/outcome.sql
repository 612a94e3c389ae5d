-- title: 交付结果为采用、被取代或退回；退回的有原因和中文说明
-- severity: critical
select delivery_id, department, dataset, period, outcome, reason, message_zh
from {batch}
where coalesce(outcome, '') not in ('accepted', 'superseded', 'refused')
    or (
        coalesce(outcome, '') = 'refused'
        and (coalesce(reason, '') = '' or not regexp_matches(coalesce(message_zh, ''), '[一-龥]'))
    )
