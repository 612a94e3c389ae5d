{#-
A kept aggregate: one row per measure, region, period, stratum and basis, computed once for each year and kept in
kept.duckdb by the key of all that it reads: the accepted deliveries of that year (or of its window) over every
source it reaches, and the SQL that runs (its own, rendered with its macros, and that of its staging views).
A missing key is computed; nothing is updated; deleting kept.duckdb costs only time.
While it is computed the lake shows this connection the key's own deliveries and no other (lake.own_files), so that the
work grows with the years and not with their square. A variable is seen by its own connection only, and each thread has
one; a model that fails leaves it set, but then the whole build is thrown away, and every kept model sets its own.
-#}
{% macro pending() -%}todo__{{ model.name }}{%- endmacro %}

{% materialization kept, adapter='duckdb' %}
    {%- set target = api.Relation.create(database='kept', schema='main', identifier=model.name, type='table') -%}
    {%- set current = this.incorporate(type='view') -%}
    {% call statement('tables') %}
        create table if not exists {{ target }} (inputs_key varchar, measure varchar, region_code varchar, period varchar, stratum varchar, population_basis varchar, value decimal(28, 6))
    {% endcall %}
    {% do adapter.commit() %}
    {%- set code = local_md5(sql ~ staging_sql(model)) -%}
    {%- set wanted = run_query(keys_sql(model, code)) -%}
    {%- set keys = [] -%}
    {% for row in wanted %}
        {%- do keys.append(row['inputs_key']) -%}
        {% if not row['is_known'] %}
            {% call statement('todo') %}create or replace temp table {{ pending() }} as select '{{ row["year"] }}' as year, '{{ row["inputs_key"] }}' as inputs_key{% endcall %}
            {% do run_query("set variable deliveries = string_split('" ~ row["deliveries"] ~ "', ',')") %}
            {% call statement('main') %}insert into {{ target }} by name {{ sql }}{% endcall %}
            {% do run_query("reset variable deliveries") %}
            {% call statement('known') %}insert into kept.main.keys values ('{{ model.name }}', '{{ row["year"] }}', '{{ row["inputs_key"] }}', now()){% endcall %}
            {% do adapter.commit() %}
        {% endif %}
    {% endfor %}
    {% call statement('main') %}
        create or replace view {{ current }} as
        select measure, region_code, period, stratum, population_basis, value from {{ target }}
        where inputs_key in ({% for k in keys %}'{{ k }}'{{ ', ' if not loop.last }}{% else %}''{% endfor %})
    {% endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [current]}) }}
{% endmaterialization %}

{#- One row per year with a delivery: the key, the deliveries that it stands for, and whether it is kept already. -#}
{% macro keys_sql(node, code) %}
with reads (department, dataset, reach) as (
    values {% for s in sources_of(node) %}('{{ s.source_name }}', '{{ s.name }}', '{{ reach(node, s) }}'){{ ', ' if not loop.last }}{% endfor %}
),
accepted as (
    select d.delivery_id, left(d.period, 4) as year, d.period, r.reach, r.dataset
    from lake.deliveries as d inner join reads as r on d.department = r.department and d.dataset = r.dataset
    where d.is_accepted
),
-- what reads nothing but newest periods has a row for each year that was delivered
years as (
    select distinct year from accepted
    where reach <> 'latest' or not exists (select 1 from reads where reach <> 'latest')
),
pairs as (
    select y.year, a.delivery_id
    from years as y inner join accepted as a on
        (a.reach = 'year' and a.year = y.year)
        or (a.reach = 'next_year' and cast(a.year as integer) - cast(y.year as integer) in (0, 1))
        or (a.reach = 'to_date' and a.year <= y.year)
        or (a.reach = 'latest' and a.period = (select max(b.period) from accepted as b where b.dataset = a.dataset))
),
listed as (select year, string_agg(delivery_id, ',' order by delivery_id) as deliveries from pairs group by year),
keyed as (select *, md5('{{ code }}' || year || deliveries) as inputs_key from listed)
select keyed.year, keyed.inputs_key, keyed.deliveries, keys.inputs_key is not null as is_known
from keyed left join kept.main.keys on keys.model = '{{ node.name }}' and keys.inputs_key = keyed.inputs_key
order by keyed.year
{% endmacro %}

{#-
How much of a source one year reads: 'year' (default), 'next_year' (that of the next year as well, which tells of this
one what came late), 'to_date' (all years up to it), 'latest' (its newest period).
-#}
{% macro reach(node, source) -%}
{{ (node.config.meta.get('reads') or {}).get(source.source_name ~ '/' ~ source.name) or source.config.meta.get('reach') or 'year' }}
{%- endmacro %}

{% macro ancestors(node) %}
    {%- set found = [] -%}
    {%- for id in node.depends_on.nodes -%}
        {%- do found.append(id) -%}
        {%- if id.startswith('model.') -%}{%- do found.extend(ancestors(graph.nodes[id])) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found | unique | sort) }}
{% endmacro %}

{% macro sources_of(node) %}
    {%- set found = [] -%}
    {%- for id in ancestors(node) if id.startswith('source.') -%}{%- do found.append(graph.sources[id]) -%}{%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- The SQL of all views between a kept model and its sources, as the database holds it. -#}
{% macro staging_sql(node) %}
    {%- set texts = [] -%}
    {%- for id in ancestors(node) if id.startswith('model.') -%}
        {%- set view = graph.nodes[id] -%}
        {%- set found = run_query("select sql from duckdb_views() where schema_name = '" ~ view.schema ~ "' and view_name = '" ~ view.name ~ "' and database_name = current_database()") -%}
        {%- if found | length != 1 -%}{{ exceptions.raise_compiler_error(node.name ~ ": a kept model reads staging views only, not " ~ view.name) }}{%- endif -%}
        {%- do texts.append(found.columns[0].values()[0]) -%}
    {%- endfor -%}
    {{ return(texts | join('\n')) }}
{% endmacro %}
