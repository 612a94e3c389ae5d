-- title: 目标进展的状态与标记在公布的取值之内
-- severity: critical
select indicator, region_code, period, population_basis, status, flags
from {batch}
where coalesce(status, '') not in (
    'met', 'missed', 'on_track', 'behind', 'at_risk', 'not_comparable', 'missing', 'not_applicable'
)
or not regexp_full_match(
    coalesce(flags, ''), '(no_baseline|provisional|partial|pooled|within_tolerance_only|path_from_first_observation|suppressed|;)*'
)
