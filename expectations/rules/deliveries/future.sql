-- title: 收到时间不在将来（否则日后的更正永远不会被采用）
-- severity: warning
select delivery_id, department, dataset, period, outcome, received_at
from {batch}
-- a day of grace for clocks in other time zones
where received_at is null or cast(received_at as date) > current_date + 1
