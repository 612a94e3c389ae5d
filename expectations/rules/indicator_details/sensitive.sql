-- title: 敏感指标和按类别的细分只在全省公布
-- severity: critical
select details.indicator, details.detail, details.stratum, details.region_code, details.period
from {batch} as details
left join marts.indicators as indicators on details.indicator = indicators.indicator
where details.region_code <> '320000'
    and (indicators.indicator is null or coalesce(indicators.is_sensitive, false) or details.stratum <> 'all')
