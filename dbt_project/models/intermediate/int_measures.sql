-- one row per measure, region, period, stratum and population basis: what the accepted deliveries say now
{% for counted in [
    'int_balanced_counties__counted',
    'int_census__counted',
    'int_home_elders__counted',
    'int_kindergarten_children__counted',
    'int_population__counted',
] %}
    select measure, region_code, period, stratum, population_basis, value from {{ ref(counted) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
