-- one row per rule of the audit: empty until the audit fills it
select
    cast(null as varchar) as rule, cast(null as varchar) as title_zh, cast(null as varchar) as severity,
    cast(null as varchar) as outcome, cast(null as varchar) as example, cast(null as varchar) as waivers,
    cast(null as bigint) as rows_found, cast(null as bigint) as rows_waived, cast(null as timestamp) as checked_at
where false
