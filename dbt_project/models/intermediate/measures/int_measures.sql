-- 由汇总模型生成：suheng generate；请勿手工修改 (generated, do not edit)
-- one row per measure, region, period, stratum and population basis: what the accepted deliveries say now
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_adjacent_pairs__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_balanced_counties__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_census__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_childcare_places__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_children_in_difficulty__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_cinerary__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_deaths__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_december_subsidies__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_disability_subsidies__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_eldercare__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_home_elders__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_households__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_immunization__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_kindergarten_children__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_new_labour__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_person_years__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_physicians__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_pilot_counties__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_population__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_proactive_discovery__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_senior_secondary_students__counted') }}
union all
select measure, region_code, period, stratum, population_basis, value from {{ ref('int_townships__counted') }}
