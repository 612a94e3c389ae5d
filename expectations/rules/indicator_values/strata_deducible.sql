-- title: 不公布的分组不能由全体减去另一组推算出来；全体不公布的，各组也不公布
-- severity: critical
with blocks (stratum, other) as (
    values ('urban', 'rural'), ('rural', 'urban'), ('local', 'migrant'), ('migrant', 'local')
)

select hidden.indicator, hidden.region_code, hidden.period, hidden.population_basis, hidden.stratum, shown.stratum as shown
from {batch} as hidden
inner join {batch} as shown
    on hidden.indicator = shown.indicator
        and hidden.region_code = shown.region_code
        and hidden.period = shown.period
        and hidden.population_basis = shown.population_basis
left join blocks on hidden.stratum = blocks.stratum
where hidden.status = 'suppressed'
    and shown.status = 'reported'
    and (hidden.stratum = 'all' or shown.stratum = coalesce(blocks.other, ''))
