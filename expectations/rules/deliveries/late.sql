-- title: 每期首次收下的交付不晚于应交日期
-- severity: warning
select department, dataset, period, scope, min(days_late) as days_late, min(due_date) as due_date
from {batch}
-- a correction is always late: what counts is the first delivery that was taken
where coalesce(outcome, '') <> 'refused'
group by department, dataset, period, scope
having coalesce(min(days_late), 0) > 0
