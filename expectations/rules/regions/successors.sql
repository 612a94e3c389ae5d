-- title: 停用的县级代码有停用时已启用的接续代码
-- severity: critical
select former.region_code, former.valid_to, former.successor_code
from {batch} as former
anti join {batch} as heir
    on former.successor_code = heir.region_code
        and heir.valid_from <= former.valid_to
        and coalesce(heir.valid_to, cast('9999-12-31' as date)) > former.valid_to
where former.valid_to is not null and former.level in ('county', 'zone')
