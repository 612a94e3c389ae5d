-- one row per measure, region, period, stratum and population basis: what the accepted deliveries say now
{% for counted in [
    'int_adjacent_pairs__counted',
    'int_balanced_counties__counted',
    'int_census__counted',
    'int_childcare_places__counted',
    'int_home_elders__counted',
    'int_households__counted',
    'int_kindergarten_children__counted',
    'int_new_labour__counted',
    'int_physicians__counted',
    'int_pilot_counties__counted',
    'int_population__counted',
    'int_senior_secondary_students__counted',
] %}
    select measure, region_code, period, stratum, population_basis, value from {{ ref(counted) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
