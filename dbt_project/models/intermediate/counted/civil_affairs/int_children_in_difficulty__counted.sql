{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum (of measures by category: the category): children under 18 on a register at
-- the year end who ought to be protected, and those who are, by its mark or by a household on dibao or destitute support
-- that day (note 2 of the plan); each child once, in the county of the latest record
with todo as (
    -- without the households nobody knows who else is protected
    select * from {{ pending() }} where year in (select period from {{ ref('stg_civil_affairs__social_assistance_households') }})
),

children as (select * from {{ ref('stg_civil_affairs__children_in_difficulty') }}),

counties as (
    select region_code, parent_code as city_code
    from {{ ref('stg_statistics__divisions') }}
    where level in ('county', 'zone') and valid_to is null
),

-- a city reports for all its counties: one that its register does not name has no child in difficulty
reporting as (
    select distinct todo.inputs_key, todo.year, counties.city_code
    from children
    inner join todo on children.period = todo.year
    inner join counties on children.region_code = counties.region_code
),

assisted as (
    select distinct todo.inputs_key, members.person_key
    from {{ ref('stg_civil_affairs__social_assistance_households') }} as members
    inner join todo on members.period = todo.year
    where
        members.category in ('dibao', 'destitute')
        and members.from_date <= cast(todo.year || '-12-31' as date)
        and coalesce(members.to_date, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

records as (
    select
        todo.inputs_key,
        todo.year,
        children.*,
        bool_or(children.is_protected or assisted.person_key is not null) over (
            partition by todo.inputs_key, children.child_key
        ) as is_child_protected,
        row_number() over (
            partition by todo.inputs_key, children.child_key
            order by children.register_date desc, children.record desc, children.region_code desc
        ) as recency,
        row_number() over (
            partition by todo.inputs_key, children.child_key, children.category
            order by children.register_date desc, children.record desc, children.region_code desc
        ) as recency_in_category
    from children
    inner join todo on children.period = todo.year
    left join assisted on todo.inputs_key = assisted.inputs_key and children.child_key = assisted.person_key
    where
        children.should_protect
        and children.birth_date + interval 18 year > cast(todo.year || '-12-31' as date)
        and children.register_date <= cast(todo.year || '-12-31' as date)
        and coalesce(children.exit_date, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

counted as (
    select
        reporting.inputs_key,
        counties.region_code,
        reporting.year as period,
        sum(case when records.recency = 1 then 1 else 0 end) as children_in_difficulty,
        sum(case when records.recency = 1 and records.is_child_protected then 1 else 0 end) as children_in_difficulty_protected
    from reporting
    inner join counties on reporting.city_code = counties.city_code
    left join records on reporting.inputs_key = records.inputs_key and counties.region_code = records.region_code
    group by reporting.inputs_key, counties.region_code, reporting.year
),

categories as (select distinct inputs_key, category from records),

-- a category that a county has no child of is none there, as the total is
by_category as (
    select
        reporting.inputs_key,
        counties.region_code,
        reporting.year as period,
        categories.category,
        count(records.child_key) as children_in_category,
        sum(case when records.is_child_protected then 1 else 0 end) as children_in_category_protected
    from reporting
    inner join counties on reporting.city_code = counties.city_code
    inner join categories on reporting.inputs_key = categories.inputs_key
    left join records
        on
            reporting.inputs_key = records.inputs_key
            and counties.region_code = records.region_code
            and categories.category = records.category
            and records.recency_in_category = 1
    group by reporting.inputs_key, counties.region_code, reporting.year, categories.category
)

{{ melt('counted', ['children_in_difficulty', 'children_in_difficulty_protected']) }}
union all
{{ melt('by_category', ['children_in_category', 'children_in_category_protected'], stratum='category') }}
