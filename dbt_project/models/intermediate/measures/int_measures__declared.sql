-- one row per measure and dataset that it is counted from, as the kept models' meta declares
-- depends_on: {{ ref('int_measures') }}
with declared (measure, dataset_name, is_additive, is_of_persons, reach) as (
    values
    {%- if execute %}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'kept' %}
            {%- set outer = loop %}
            {%- for source in sources_of(node) if source.source_name != 'plan' %}
                {%- set source_loop = loop %}
                {%- for measure in node.config.meta.measures %}
                    (
                        '{{ measure }}',
                        '{{ source.source_name }}/{{ source.name }}',
                        {{ measure not in (node.config.meta.get('not_additive') or []) }},
                        {{ measure in (node.config.meta.get('of_persons') or []) }},
                        '{{ reach(node, source) }}'
                    ){{ ',' if not (loop.last and source_loop.last and outer.last) }}
                {%- endfor %}
            {%- endfor %}
        {%- endfor %}
    {%- else %}
    (null, null, null, null, null)
    {%- endif %}
)

select measure, dataset_name, is_additive, is_of_persons, reach
from declared
