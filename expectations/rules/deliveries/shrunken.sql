-- title: 采用的交付行数不比它代替的少四分之一以上，也不比上一期少三成以上（可能没有传完，或只导出了一部分）
-- severity: critical
with taken as (
    select *, concat(department, '/', dataset) as dataset_name, outcome = 'accepted' as is_accepted
    from {batch}
    where outcome in ('accepted', 'superseded')
),

compared as (
    select
        accepted.delivery_id, accepted.department, accepted.dataset, accepted.period, accepted.scope,
        accepted.rows_accepted, other.rows_accepted as rows_before, other.period as period_before,
        case when other.period = accepted.period then 0.75 else 0.7 end as least_share
    from taken as accepted
    inner join taken as other
        on accepted.dataset_name = other.dataset_name
            and accepted.scope = other.scope
            and (
                (other.period = accepted.period and other.received_at < accepted.received_at)
                -- told by its changes, the first of which are all there is; on two census bases up to 2020
                or (
                    other.period < accepted.period and other.is_accepted
                    and accepted.dataset_name not in ('health/immunization_cards', 'statistics/resident_population')
                )
            )
    where accepted.is_accepted
    qualify row_number() over (
        partition by accepted.delivery_id, other.period = accepted.period order by other.period desc, other.received_at desc
    ) = 1
)

select delivery_id, department, dataset, period, scope, rows_accepted, period_before, rows_before
from compared
-- of few rows a few come and go
where rows_accepted < least_share * rows_before and rows_before - rows_accepted > 4 * sqrt(rows_before)
