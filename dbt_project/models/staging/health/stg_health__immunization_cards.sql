-- one row per child, spell of residence and period in which the card came or changed, until the period of its next change
with successions as (select * from {{ ref('stg_statistics__successions') }})

select
    cards.child_key,
    coalesce(residence.region_code, cards.county_code) as region_code,
    cards.resident_township as township_code,
    coalesce(hukou.region_code, cards.hukou_county) as hukou_region_code,
    cards.period,
    cards.until_period,
    cards.sex,
    cards.birth_date,
    cards.resident_since,
    cards.resident_until,
    cards.vision_check_date
from {{ changes(source('health', 'immunization_cards'), ['child_key', 'resident_since']) }} as cards
left join successions as residence on cards.county_code = residence.former_code
left join successions as hukou on cards.hukou_county = hukou.former_code
