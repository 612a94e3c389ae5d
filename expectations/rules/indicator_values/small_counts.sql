-- title: 省以下不公布少于阈值的人数（敏感指标和各分组的分子、分母及二者之差）
-- severity: critical
with guarded as (
    select
        observed.*, indicators.suppression_threshold as least,
        indicators.is_numerator_of_persons as is_over, indicators.is_denominator_of_persons as is_under, indicators.is_gross,
        observed.denominator - observed.numerator as remainder
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    where observed.region_code <> '320000' and (indicators.is_sensitive or observed.stratum <> 'all')
)

select indicator, region_code, period, population_basis, stratum
from guarded
where coalesce(is_over and numerator > 0 and numerator < least, false)
    or coalesce(is_under and denominator > 0 and denominator < least, false)
    or coalesce(is_over and is_under and not is_gross and remainder > 0 and remainder < least, false)
