{#-
Counted columns, each named for its measure, become the long rows of a kept model. strata: columns of counted (area:
urban or rural, residence: local or migrant, null where unknown) that it has rows for; every region then gets a row for
each of their strata, zero where nobody is in it. stratum: what is counted in one stratum only, by the column that names it.
-#}
{% macro melt(counted, measures, population_basis="'none'", strata=[], stratum="'all'") %}
{%- set known = {'area': ['urban', 'rural'], 'residence': ['local', 'migrant']} %}
{%- for measure in measures %}
{%- if strata %}
select
    counted.inputs_key, '{{ measure }}' as measure, counted.region_code, counted.period, strata.stratum, {{ population_basis }} as population_basis,
    cast(sum(case when strata.stratum in ('all'{% for column in strata %}, counted.{{ column }}{% endfor %}) then counted.{{ measure }} else 0 end) as decimal(28, 6)) as value
from {{ counted }} as counted
cross join (values ('all'){% for column in strata %}{% for stratum in known[column] %}, ('{{ stratum }}'){% endfor %}{% endfor %}) as strata (stratum)
group by counted.inputs_key, counted.region_code, counted.period, strata.stratum, {{ population_basis }}
-- where nobody's is known there is no stratum, rather than an empty one
having strata.stratum = 'all'{% for column in strata %} or (strata.stratum in ('{{ known[column] | join("', '") }}') and max(counted.{{ column }}) is not null){% endfor %}
{%- else %}
select inputs_key, '{{ measure }}' as measure, region_code, period, {{ stratum }} as stratum, {{ population_basis }} as population_basis, cast({{ measure }} as decimal(28, 6)) as value
from {{ counted }}
{%- endif %}
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endmacro %}

{#- Whether a person whose hukou is in a county (under its code of today) lives there: null where nobody knows. -#}
{% macro residence(hukou, region) -%}
case when {{ hukou }} is null then null when {{ hukou }} = {{ region }} then 'local' else 'migrant' end
{%- endmacro %}
