-- title: 每项指标都有目标原文、目标值与语法，基期与容差同语法相符
-- severity: critical
select indicator, printed_target, target_kind, target, tolerance, baseline_kind, baseline
from {batch}
where target is null
    or coalesce(printed_target, '') = ''
    or coalesce(target_kind, '') not in (
        'at_least', 'at_most', 'more_than', 'less_than', 'about', 'cumulative', 'cumulative_more_than', 'floor',
        'ceiling'
    )
    or (coalesce(target_kind, '') = 'about' and tolerance is null)
    or coalesce(tolerance <= 0, false)
    or (coalesce(baseline_kind, '') <> 'none') <> (baseline is not null)
