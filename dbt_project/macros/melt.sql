{#- Counted columns, each named for its measure, become the long rows of a kept model. -#}
{% macro melt(counted, measures, population_basis="'none'") %}
{%- for measure in measures %}
select inputs_key, '{{ measure }}' as measure, region_code, period, 'all' as stratum, {{ population_basis }} as population_basis, cast({{ measure }} as decimal(28, 6)) as value
from {{ counted }}
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endmacro %}
