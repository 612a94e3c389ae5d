{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum: doses of the national programme whose last day fell in the year, and
-- those given in time (formulas.md 1); by vaccine, by child, and in the township and vaccine with the lowest share
with todo as (select * from {{ pending() }}),

-- the register as the deliveries up to the year leave it
cards as (
    select
        todo.inputs_key, todo.year,
        cards.child_key,
        cards.region_code,
        cards.township_code,
        areas.area,
        {{ residence('cards.hukou_region_code', 'cards.region_code') }} as residence,
        cards.birth_date, cards.resident_since, cards.resident_until
    from {{ ref('stg_health__immunization_cards') }} as cards
    inner join todo on cards.period <= todo.year || '-12' and coalesce(cards.until_period, '9999') > todo.year || '-12'
    left join {{ ref('stg_statistics__areas') }} as areas on cards.township_code = areas.township_code
),

-- the birthdays for which the last day of a dose falls in the year, in the cohorts of its version of the schedule
windows as (
    select
        todo.inputs_key,
        schedule.*,
        greatest(cast(todo.year || '-01-01' as date) - schedule.last_age_days, schedule.born_from) as first_birthday,
        least(cast(todo.year || '-12-31' as date) - schedule.last_age_days, schedule.born_to) as last_birthday
    from {{ ref('stg_health__vaccine_schedule') }} as schedule
    cross join todo
),

-- who moves counts where the child is resident on the due date; of two cards of a child for that day the later one counts
due as (
    select
        cards.*, windows.vaccine_code, windows.dose_no, windows.min_interval_days, cards.birth_date + windows.due_age_days as due_date,
        cards.birth_date + windows.min_age_days as first_date, cards.birth_date + windows.last_age_days as last_date,
        row_number() over (
            partition by cards.inputs_key, cards.child_key, windows.vaccine_code, windows.dose_no
            order by cards.resident_since desc, windows.born_from desc
        ) as recency
    from cards
    inner join windows
        on
            cards.inputs_key = windows.inputs_key
            and cards.birth_date between windows.first_birthday and windows.last_birthday
            and cards.resident_since - cards.birth_date <= windows.due_age_days
            and coalesce(cards.resident_until - cards.birth_date > windows.due_age_days, true)
),

-- any record of the previous dose tells of it; one before the first delivery is not on record, and not judged
given as (
    select distinct due.inputs_key, due.child_key, due.vaccine_code, due.dose_no
    from due
    inner join {{ ref('stg_health__vaccination_events') }} as shots
        on
            due.child_key = shots.child_key
            and due.vaccine_code = shots.vaccine_code
            and due.dose_no = shots.dose_no
            and shots.period <= due.year || '-12'
            and shots.vaccination_date between due.first_date and due.last_date
    left join {{ ref('stg_health__vaccination_events') }} as previous
        on
            shots.child_key = previous.child_key
            and shots.vaccine_code = previous.vaccine_code
            and shots.dose_no = previous.dose_no + 1
            and previous.period <= due.year || '-12'
            and shots.vaccination_date >= previous.vaccination_date
            and shots.vaccination_date - due.min_interval_days < previous.vaccination_date
    where due.recency = 1 and shots.is_programme and previous.child_key is null
),

-- a dose that is not on record stays due, whatever the reason, contraindications too (cfg)
doses as (
    select
        due.*,
        case when given.child_key is null then 0 else 1 end as is_given,
        min(case when given.child_key is null then 0 else 1 end) over (partition by due.inputs_key, due.child_key) as is_complete,
        max(case when given.child_key is null then 0 else 1 end) over (partition by due.inputs_key, due.child_key) as is_begun,
        row_number() over (partition by due.inputs_key, due.child_key order by due.due_date desc, due.vaccine_code desc, due.dose_no desc) as place
    from due
    left join given
        on due.inputs_key = given.inputs_key and due.child_key = given.child_key and due.vaccine_code = given.vaccine_code and due.dose_no = given.dose_no
    where due.recency = 1
),

-- a county with cards and no dose due has none; a county without cards has not reported
places as (
    select distinct regions.*, windows.vaccine_code
    from (select distinct inputs_key, region_code, year as period from cards) as regions
    inner join windows on regions.inputs_key = windows.inputs_key
    where windows.first_birthday <= windows.last_birthday
),

-- a child counts where its last due dose of the year does
counted as (
    select
        places.inputs_key, places.region_code, places.period, places.vaccine_code, doses.township_code, doses.area, doses.residence,
        count(doses.child_key) as programme_doses_due, sum(coalesce(doses.is_given, 0)) as programme_doses_given,
        sum(case when doses.place = 1 then 1 else 0 end) as children_with_doses_due,
        sum(case when doses.place = 1 then doses.is_complete else 0 end) as children_fully_vaccinated,
        sum(case when doses.place = 1 then doses.is_begun else 0 end) as children_with_doses_given,
        sum(case when doses.place = 1 then 1 - doses.is_complete else 0 end) as children_with_doses_missed
    from places
    left join doses
        on places.inputs_key = doses.inputs_key and places.region_code = doses.region_code and places.vaccine_code = doses.vaccine_code
    group by places.inputs_key, places.region_code, places.period, places.vaccine_code, doses.township_code, doses.area, doses.residence
),

townships as (
    select
        inputs_key, period, sum(programme_doses_due) as due, sum(programme_doses_given) as given,
        row_number() over (
            partition by inputs_key
            order by cast(sum(programme_doses_given) as double) / cast(sum(programme_doses_due) as double), township_code, vaccine_code
        ) as place
    from counted
    where township_code is not null
    group by inputs_key, period, township_code, vaccine_code
    having sum(programme_doses_due) >= (
        select value from {{ ref('stg_plan__choices') }} where indicator = 'child_immunization_rate' and choice = 'lowest_township_min_doses'
    )
)

{%- set measures = ['programme_doses_due', 'programme_doses_given', 'children_with_doses_due', 'children_fully_vaccinated',
    'children_with_doses_given', 'children_with_doses_missed'] %}
{{ melt('counted', measures, strata=['area', 'residence']) }}
{% for side in ['due', 'given'] %}
    union all
    select
        inputs_key, 'vaccine_doses_{{ side }}' as measure, region_code, period, vaccine_code as stratum, 'none' as population_basis,
        cast(sum(programme_doses_{{ side }}) as decimal(28, 6)) as value
    from counted
    group by inputs_key, region_code, period, vaccine_code
    union all
    select
        inputs_key, 'lowest_township_doses_{{ side }}' as measure, '320000' as region_code, period, 'all' as stratum, 'none' as population_basis,
        cast({{ side }} as decimal(28, 6)) as value
    from townships where place = 1
{% endfor %}
