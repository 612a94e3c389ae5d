-- title: 省、市的值在自身历年的通常范围之内（不在的，请部门核对、更正重报；确属实情的写豁免）
-- severity: critical
-- Beside its trend, a value differs from the next year's by at most a part of it (a third) and, in per cent, so many
-- points (ten). Areas come under a programme in waves, and are seldom lost to it.
with limits (formula_kind, part, fall, rise) as (
    values
    ('area_share', null, 20, 100), ('decline', null, 20, 20), ('cumulative', 0.5, 10, 10), ('mean', 0.1, 10, 10),
    ('life_table', 0.025, 10, 10)
),

observed as (
    select
        observed.*, indicators.formula_kind, indicators.published_decimals, indicators.datasets,
        indicators.unit = '%' as is_percent, indicators.unit = '%' and not indicators.is_gross as is_share,
        regions.level = 'city' as is_city, cast(left(observed.period, 4) as integer) as year,
        -- a quarter or a month is compared with that of another year
        concat_ws('/', observed.indicator, population_basis, period_kind, substr(observed.period, 5)) as kin,
        concat_ws('/', kin, observed.region_code) as series,
        median(value * denominator / nullif(numerator, 0)) over (partition by observed.indicator) as factor
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    inner join marts.regions as regions
        on observed.region_code = regions.region_code
            and regions.valid_to is null and regions.level in ('province', 'city')
    -- on the 2010 census there are two years, of numerators that are judged on that of 2020
    where observed.stratum = 'all' and isfinite(observed.value) and observed.population_basis <> 'census_2010'
),

steps as (
    select
        *,
        (value - lag(value) over past) / (year - lag(year) over past) as change,
        change / case when is_percent then 1 else nullif(abs(lag(value) over past), 0) end as step,
        -- the standard error of a number of few
        case
            when value_upper is not null then (value_upper - value_lower) / 3.92
            when formula_kind not in ('ratio', 'area_share') then 0
            when is_share then
                factor * sqrt((greatest(numerator, 0) + 1) * (greatest(denominator - numerator, 0) + 1))
                / power(denominator + 2, 1.5)
            else factor * sqrt(greatest(numerator, 0) + 1) / denominator
        end as chance
    from observed
    window past as (partition by series order by year)
),

trends as (
    select
        *,
        case when count(change) over whole >= 3 then median(change) over whole else 0 end as trend,
        value - trend * year as height,
        -- from what the cities do together in that year
        case when is_city then step - median(step) over (partition by kin, is_city, year) end as deviation
    from steps
    window whole as (partition by series)
),

spreads as (
    select kin, 1.4826 * mad(deviation) as spread from trends group by kin having count(deviation) >= 30
),

-- of two neighbours, the one that lies apart from the two years before and the two after them is judged by the other
pairs as (
    select
        trends as later, lag(trends) over past as earlier, value > lag(value) over past as is_rise,
        list_median([
            lag(height, 3) over past, lag(height, 2) over past, lead(height) over past, lead(height, 2) over past
        ]) as beside,
        coalesce(abs(lag(height) over past - beside) > 2 * abs(height - beside), false) as is_earlier_apart
    from trends
    window past as (partition by series order by year)
),

judged as (
    select
        case when is_earlier_apart then earlier else later end as own,
        case when is_earlier_apart then later else earlier end as other,
        case when limits.formula_kind is null then 1 / 3 else limits.part end as part,
        case
            when later.is_percent then coalesce(case when is_rise then limits.rise else limits.fall end, 10)
        end as points,
        case when later.is_city then spreads.spread end as spread
    from pairs
    left join limits on later.formula_kind = limits.formula_kind
    left join spreads on later.kin = spreads.kin
    where earlier is not null
),

ranges as (
    select
        own, other, other.value + own.trend * (own.year - other.year) as expected,
        greatest(
            6 * spread * case when own.is_percent then 1 else abs(other.value) end, 4 * sqrt(2) * other.chance
        ) as noise,
        expected - greatest(least(part * abs(other.value), points), noise) as low,
        expected + greatest(least(part / (1 - part) * abs(other.value), points), noise) as high
    from judged
)

select
    own.indicator, own.region_code, own.period, own.population_basis, own.stratum, own.value_rounded,
    round(min_by(low, other.period), own.published_decimals) as usual_low,
    round(min_by(high, other.period), own.published_decimals) as usual_high,
    min(other.period) as compared_period, own.datasets,
    -- a waiver is for this value: another one is judged anew
    rtrim(rtrim(cast(own.value_rounded as varchar), '0'), '.') as value_text
from ranges
where own.value not between low and high
group by own
