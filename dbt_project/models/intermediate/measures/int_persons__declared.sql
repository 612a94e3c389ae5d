-- one row per measure that counts in the denominator and count: the measure of the persons behind it, where one person may
-- count more than once (doses, months), as the kept models' meta declares
-- depends_on: {{ ref('int_measures') }}
with declared (measure, counted, persons_measure) as (
    values
    {%- if execute %}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'kept' %}
            {%- for measure, persons in (node.config.meta.get('persons') or {}).items() %}
                {%- for counted, persons_measure in persons.items() %}
                    ('{{ measure }}', '{{ counted }}', '{{ persons_measure }}'),
                {%- endfor %}
            {%- endfor %}
        {%- endfor %}
    {%- endif %}
    (null, null, null)
)

select measure, counted, persons_measure
from declared
where measure is not null
