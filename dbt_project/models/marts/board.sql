-- one row per indicator, region and period, in words: the headline value beside target and path, for BI tools and spreadsheets
with words as (select * from {{ ref('vocabulary') }}),

-- several flags stand in one text
flagged as (
    select
        flags.flags,
        string_agg(coalesce(words.name_zh, flags.flag), '；' order by flags.place) as flags_zh
    from (
        select flags, unnest(string_split(flags, ';')) as flag, generate_subscripts(string_split(flags, ';'), 1) as place
        from (
            select flags from {{ ref('indicator_values') }} where flags is not null
            union distinct
            select flags from {{ ref('target_progress') }} where flags is not null
        )
    ) as flags
    left join words on flags.flag = words.code and words.column_name = 'flags'
    group by flags.flags
),

regions as (
    select regions.*, cities.name_zh as city_zh, macro_regions.name_zh as macro_region_zh, words.name_zh as level_zh
    from {{ ref('int_regions') }} as regions
    left join {{ ref('int_regions') }} as cities on regions.city_code = cities.region_code
    left join {{ ref('int_regions') }} as macro_regions on regions.macro_region_code = macro_regions.region_code
    left join words on regions.level = words.code and words.column_name = 'level'
)

select
    observed.indicator,
    observed.region_code,
    observed.period,
    indicators.sequence,
    indicators.domain_zh,
    indicators.name_zh as indicator_zh,
    indicators.unit,
    attributes.name_zh as attribute_zh,
    indicators.lead_department_zh,
    regions.level_zh,
    regions.name_zh as region_zh,
    regions.city_zh,
    regions.macro_region_zh,
    statuses.name_zh as status_zh,
    flagged.flags_zh,
    observed.value_rounded as value,
    cast(progress.baseline as double) as baseline,
    progress.target,
    progress.required_path,
    progress.shortfall,
    progress.attainment,
    indicators.printed_target
from {{ ref('indicator_values') }} as observed
inner join {{ ref('indicators') }} as indicators on observed.indicator = indicators.indicator
inner join regions on observed.region_code = regions.region_code
left join {{ ref('target_progress') }} as progress
    on
        observed.indicator = progress.indicator
        and observed.region_code = progress.region_code
        and observed.period = progress.period
        and progress.is_headline
left join words as attributes on indicators.attribute = attributes.code and attributes.column_name = 'attribute'
-- how it stands to the target; without a value, why there is none
left join words as statuses
    on
        case when observed.status = 'reported' then coalesce(progress.status, observed.status) else observed.status end = statuses.code
        and statuses.column_name = 'status'
left join flagged on coalesce(progress.flags, observed.flags) = flagged.flags
where observed.is_headline
