-- title: 全科医生数不超过执业（助理）医师数（同一地区、时期、人口口径）
-- severity: critical
select
    trained.indicator, trained.region_code, trained.period, trained.population_basis, trained.stratum,
    trained.numerator as general_practitioners, physicians.numerator as physicians
from {batch} as trained
inner join {batch} as physicians
    on trained.region_code = physicians.region_code
        and trained.period = physicians.period
        and trained.population_basis = physicians.population_basis
        and trained.stratum = physicians.stratum
where trained.indicator = 'gp_per_10000'
    and physicians.indicator = 'physicians_per_1000'
    and trained.numerator > physicians.numerator
