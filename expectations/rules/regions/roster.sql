-- title: 在用地区为1省、3大区域、13市、95县（市、区）、11个功能区
-- severity: critical
with expected (level, regions) as (
    values ('province', 1), ('macro_region', 3), ('city', 13), ('county', 95), ('zone', 11)
),

found as (select level, count(distinct region_code) as regions from {batch} where valid_to is null group by level)

select expected.level, expected.regions as expected, coalesce(found.regions, 0) as found
from expected
left join found on expected.level = found.level
where coalesce(found.regions, 0) <> expected.regions
