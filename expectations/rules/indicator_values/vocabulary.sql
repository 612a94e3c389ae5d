-- title: 指标值的状态、口径、时期与标记在公布的取值之内
-- severity: critical
select indicator, region_code, period, population_basis, stratum, period_kind, status, flags
from {batch}
where coalesce(status, '') not in ('reported', 'missing', 'rejected', 'not_due', 'not_applicable', 'suppressed')
    or coalesce(population_basis, '') not in ('census_2010', 'census_2020', 'none')
    or coalesce(stratum, '') not in ('all', 'urban', 'rural', 'local', 'migrant')
    or coalesce(period_kind, '') not in ('year', 'quarter', 'month', 'year_to_date', 'school_year', 'pooled_3_years')
    or not regexp_full_match(coalesce(period, ''), '20[0-9][0-9](-Q[1-4]|-0[1-9]|-1[0-2])?')
    or not regexp_full_match(
        coalesce(flags, ''),
        '(provisional|partial|denominator_provisional|zero_base|series_break|no_population|few_person_years|few_years|few_deaths|held|;)*'
    )
