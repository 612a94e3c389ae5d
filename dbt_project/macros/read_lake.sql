{#- Before every run: the ledger of kept aggregates; the receipts become lake.deliveries, and every source a view over its accepted deliveries. -#}
{% macro read_lake() %}
{% if execute and flags.WHICH in ('build', 'run', 'test', 'show') %}
    {%- set lake = env_var('SUHENG_DATA', '../data') ~ '/lake' -%}
    {% do run_query("create schema if not exists lake") %}
    {#- before the threads begin: two kept models that both create it would conflict -#}
    {% do run_query("create table if not exists kept.main.keys (model varchar, year varchar, inputs_key varchar, computed_at timestamp)") %}
    {% do run_query(deliveries_sql(lake)) %}
    {%- set keys = run_query("select distinct pseudonym_key_id from lake.deliveries where is_accepted and pseudonym_key_id is not null") -%}
    {% if keys | length > 1 %}
        {{ exceptions.raise_compiler_error("采用的交付用了不止一个假名化密钥，不能相互关联；请运行 suheng rekey (accepted deliveries under two pseudonym keys): " ~ keys.columns[0].values() | join(', ')) }}
    {% endif %}
    {% do run_query(own_files_sql()) %}
    {#- what the current publication says: where a change cannot be shown, that stays -#}
    {% do run_query(earlier_sql('published_values', 'published/current/parquet/indicator_values.parquet', [
        'indicator', 'region_code', 'period', 'population_basis', 'stratum', 'status', 'flags', 'numerator', 'denominator',
        'value', 'value_lower', 'value_upper', 'covered_share'])) %}
    {#- what all publications so far, those withdrawn too, have shown and hidden of small counts: it leaves the house in none -#}
    {% do run_query(earlier_sql('guarded_counts', 'guarded.parquet', [
        'indicator', 'region_code', 'period', 'population_basis', 'stratum', 'counted', 'value', 'least', 'since'])) %}
    {% for source in graph.sources.values() if source.source_name != 'lake' %}
        {% do run_query(source_sql(source)) %}
    {% endfor %}
{% endif %}
{% endmacro %}

{#- Of the receipts as of a time: what was withdrawn by then has that as its outcome, and counts no more. -#}
{% macro deliveries_sql(lake) %}
{%- set as_of = "cast('" ~ var("as_of", "9999-12-31") ~ "' as timestamptz)" -%}
create or replace table lake.deliveries as
with receipts as (
    {% if run_query("select count(*) from glob('" ~ lake ~ "/*/*/*/receipt.json')").columns[0].values()[0] %}
    select *, parse_dirpath(filename) as folder
    from read_json('{{ lake }}/*/*/delivery=*/receipt.json', filename = true, columns = {
        delivery_id: 'varchar', department: 'varchar', dataset: 'varchar', contract_version: 'varchar', period: 'varchar',
        scope: 'varchar', combination: 'varchar', received_at: 'timestamptz', due_date: 'date', outcome: 'varchar',
        reason: 'varchar', message_zh: 'varchar', source_file: 'varchar', source_sha256: 'varchar',
        rows_read: 'bigint', rows_accepted: 'bigint', rows_rejected: 'bigint', pseudonym_key_id: 'varchar',
        sandbox_scale: 'double', is_simulated: 'boolean', arrival: 'integer', arrived_at: 'timestamptz'})
    {% else %}
    {{ exceptions.raise_compiler_error("数据湖 " ~ lake ~ " 里没有任何交付；请先运行 suheng ingest (the lake is empty)") }}
    {% endif %}
),
withdrawals as (
    {% if run_query("select count(*) from glob('" ~ lake ~ "/*/*/withdrawal=*/decision.json')").columns[0].values()[0] %}
    select delivery_id, withdrawn_note
    from read_json('{{ lake }}/*/*/withdrawal=*/decision.json', columns = {
        delivery_id: 'varchar', withdrawn_at: 'timestamptz', withdrawn_note: 'varchar'})
    where withdrawn_at <= {{ as_of }}
    {% else %}
    select '' as delivery_id, '' as withdrawn_note where false
    {% endif %}
),
decided as (
    select
        receipts.* replace (
            case when withdrawals.delivery_id is null then receipts.outcome else 'withdrawn' end as outcome,
            case when withdrawals.delivery_id is null then receipts.message_zh else '已撤回：' || withdrawals.withdrawn_note end as message_zh
        )
    from receipts left join withdrawals on receipts.delivery_id = withdrawals.delivery_id
)
select
    *,
    outcome = 'landed' and row_number() over (
        partition by department, dataset, period, scope, outcome order by received_at desc, coalesce(arrival, 0) desc, delivery_id desc
    ) = 1 as is_accepted
from decided
where received_at <= {{ as_of }}
{% endmacro %}

{#- What an earlier publication left in the data folder, no rows of these columns before the first one. -#}
{% macro earlier_sql(table, path, columns) %}
{%- set file = env_var('SUHENG_DATA', '../data') ~ '/' ~ path -%}
create or replace table lake.{{ table }} as
{% if run_query("select count(*) from glob('" ~ file ~ "')").columns[0].values()[0] %}
from read_parquet('{{ file }}')
{% else %}
select {% for column in columns %}null as {{ column }}{{ ', ' if not loop.last }}{% endfor %} where false
{% endif %}
{% endmacro %}

{#-
The files that a connection reads: all, or those of the deliveries that it has named. They are chosen before the first is
opened, since with union_by_name each is opened to see its columns. One stands for none, which would be an error.
-#}
{% macro own_files_sql() %}
create or replace macro lake.is_own(delivery) as coalesce(list_contains(getvariable('deliveries'), delivery), true);
create or replace macro lake.own_files(folders) as list_transform(
    coalesce(nullif(list_filter(folders, lambda folder: lake.is_own(regexp_extract(folder, '[^=]*$'))), []), folders[1:1]),
    lambda folder: folder || '/data.parquet'
)
{% endmacro %}

{#- The contract's empty row types first: an empty list of files is an error, and files must not widen a type. -#}
{% macro source_sql(source) %}
{%- set folders = run_query("select folder from lake.deliveries where department = '" ~ source.source_name ~ "' and dataset = '" ~ source.name ~ "' and is_accepted order by period, delivery_id").columns[0].values() -%}
create or replace view lake.{{ source.identifier }} as
select * from (
    select {% for c in source.columns.values() %}cast(null as {{ c.data_type }}) as {{ c.name }}{{ ', ' if not loop.last }}{% endfor %}
) where false
{% if folders %}
union all by name
select files.* exclude (delivery), files.delivery as delivery_id, deliveries.period, deliveries.contract_version, deliveries.received_at
from read_parquet(lake.own_files([{% for f in folders %}'{{ f }}'{{ ', ' if not loop.last }}{% endfor %}]), union_by_name = true, hive_partitioning = true, hive_types_autocast = false) as files
inner join lake.deliveries on deliveries.delivery_id = files.delivery
where lake.is_own(files.delivery)
{% endif %}
{% endmacro %}
