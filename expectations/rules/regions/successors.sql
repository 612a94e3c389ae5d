-- title: 停用的县级代码有停用时已启用的接续代码（公布期以前拆分的可以没有）
-- severity: critical
with former as (select * from {batch} where valid_to is not null and level in ('county', 'zone')),

published as (select cast(min(left(period, 4)) || '-01-01' as date) as since from marts.indicator_values)

select former.region_code, former.valid_to, former.successor_code
from former
cross join published
anti join {batch} as heir
    on former.successor_code = heir.region_code
        and heir.valid_from <= former.valid_to
        and coalesce(heir.valid_to, cast('9999-12-31' as date)) > former.valid_to
where former.successor_code is not null or former.valid_to > published.since
