-- one row per finding of an audit, confirmed or not, about one person, kind of subsidy and month
with audits as (select * from {{ source('civil_affairs', 'disability_subsidy_audits') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    audits.audit_id,
    audits.person_key,
    coalesce(successions.region_code, audits.county_code) as region_code,
    audits.period,
    audits.for_month,
    audits.subsidy_kind,
    audits.finding,
    audits.confirmed_date,
    audits.closed_date,
    audits.record
from audits
left join successions on audits.county_code = successions.former_code
