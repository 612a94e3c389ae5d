-- 护理型床位数不大于床位总数：填报有误的设施，改正之前其床位不计入（int_eldercare__counted）
{{ config(severity='warn') }}
select facility_id, region_code, period, beds, nursing_beds
from {{ ref('stg_civil_affairs__eldercare_facilities') }}
where nursing_beds > beds
