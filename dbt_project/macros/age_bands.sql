{#- The groups of the abridged life table by their first age and width in years, 0 for the open one; named as the census names them. -#}
{% macro age_bands() %}
    {%- set bands = [('0', 0, 1), ('1_4', 1, 4)] -%}
    {%- for first in range(5, 85, 5) -%}{%- do bands.append((first ~ '_' ~ (first + 4), first, 5)) -%}{%- endfor -%}
    {{ return(bands + [('85_plus', 85, 0)]) }}
{% endmacro %}

{#- The group of an age in completed years. -#}
{% macro age_band(age) -%}
case {%- for band, first, width in age_bands() if width %} when {{ age }} < {{ first + width }} then '{{ band }}'{% endfor %} else '85_plus' end
{%- endmacro %}

{#- Completed years between two dates; who was born on 29 February completes one on 1 March of a common year. -#}
{% macro completed_years(born, on) -%}
extract(year from {{ on }}) - extract(year from {{ born }}) - case
    when extract(month from {{ on }}) * 100 + extract(day from {{ on }}) < extract(month from {{ born }}) * 100 + extract(day from {{ born }}) then 1
    else 0
end
{%- endmacro %}
