-- one row per measure, region, period, stratum and population basis: what the accepted deliveries say now
{% for counted in [
    'int_adjacent_pairs__counted',
    'int_balanced_counties__counted',
    'int_census__counted',
    'int_childcare_places__counted',
    'int_children_in_difficulty__counted',
    'int_cinerary__counted',
    'int_deaths__counted',
    'int_december_subsidies__counted',
    'int_disability_subsidies__counted',
    'int_eldercare__counted',
    'int_home_elders__counted',
    'int_households__counted',
    'int_immunization__counted',
    'int_kindergarten_children__counted',
    'int_new_labour__counted',
    'int_person_years__counted',
    'int_physicians__counted',
    'int_pilot_counties__counted',
    'int_population__counted',
    'int_proactive_discovery__counted',
    'int_senior_secondary_students__counted',
    'int_townships__counted',
] %}
    select measure, region_code, period, stratum, population_basis, value from {{ ref(counted) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
