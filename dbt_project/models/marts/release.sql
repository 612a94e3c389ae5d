-- exactly one row, written last by the publication: empty until then
select
    cast(null as varchar) as version, cast(null as varchar) as data_period, cast(null as varchar) as run,
    cast(null as varchar) as content_hash, cast(null as varchar) as inputs_hash, cast(null as varchar) as plan_version,
    cast(null as varchar) as method_version, cast(null as varchar) as approved_by, cast(null as varchar) as note_zh,
    cast(null as boolean) as is_simulated, cast(null as double) as sandbox_scale,
    cast(null as integer) as suppression_threshold, cast(null as timestamp) as published_at
where false
