{#- The period that a value is drawn and spoken of at: of three years pooled, which are named by their last, the middle one. -#}
{% macro centre(period, period_kind) -%}
case when {{ period_kind }} = 'pooled_3_years' then cast(cast({{ period }} as integer) - 1 as varchar) else {{ period }} end
{%- endmacro %}
