-- one row per vaccine, dose and version of the schedule, as the newest delivery has it: for which birthdays, at which ages
with schedule as (select * from {{ source('health', 'vaccine_schedule') }}),

newest as (select max(period) as period from schedule)

-- a version is valid on due dates, so that a change applies by birth cohort
select
    schedule.vaccine_code,
    schedule.dose_no,
    schedule.due_age_days,
    schedule.min_age_days,
    schedule.due_age_days + schedule.grace_days as last_age_days,
    schedule.min_interval_days,
    schedule.valid_from - schedule.due_age_days as born_from,
    coalesce(schedule.valid_to - 1 - schedule.due_age_days, cast('9999-12-31' as date)) as born_to
from schedule
inner join newest on schedule.period = newest.period
