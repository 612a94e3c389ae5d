{#-
What the deliveries of a delta tell: one row per key and period in which it came or changed, with the period of its next
change (until_period, null if there is none); a deletion only ends the row before it. Of two changes in a period the one
received later counts; a delivery tells of a key but once. The register at the end of a year has the rows with
period <= year || '-12' and coalesce(until_period, '9999') > year || '-12'.
-#}
{% macro changes(source, key) -%}
(
    select * exclude (operation, recency)
    from (
        select *, lead(period) over (partition by {{ key | join(', ') }} order by period) as until_period
        from (
            select
                *,
                row_number() over (
                    partition by {{ key | join(', ') }}, period order by received_at desc, delivery_id desc
                ) as recency
            from {{ source }}
        )
        where recency = 1
    )
    where operation = 'upsert'
)
{%- endmacro %}
