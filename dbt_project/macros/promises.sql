{#- What the contracts promise of each dataset: department, dataset, frequency, months of a cycle, days until it is due, by city or not. -#}
{% macro promises() %}
    {%- for source in (graph.sources if execute else {}).values() if source.config.meta.frequency is defined %}
        {%- set promised = source.config.meta %}
        ('{{ source.source_name }}', '{{ source.name }}', '{{ promised.frequency }}', {{ promised.every * (12 if promised.frequency == 'y' else 1) }}, {{ promised.latency_days }}, {{ promised.is_by_city }}){{ ',' if not loop.last }}
    {%- else %}
        (null, null, null, null, null, null)
    {%- endfor %}
{% endmacro %}

{#- What departments and their datasets are called: column, code, Chinese, English, meaning. -#}
{% macro names() %}
    {%- for source in (graph.sources if execute else {}).values() if source.config.meta.title is defined %}
        {%- set said = source.config.meta %}
        ('department', '{{ source.source_name }}', '{{ said.department_zh }}', '{{ source.source_name.replace("_", " ").capitalize() }}', '报送数据的部门'),
        ('dataset', '{{ source.name }}', '{{ said.title }}', '{{ source.name.replace("_", " ").capitalize() }}', '{{ source.description.partition("：")[2].replace("'", "''") }}'){{ ',' if not loop.last }}
    {%- else %}
        (null, null, null, null, null)
    {%- endfor %}
{% endmacro %}
