-- title: 行数没有比上期翻倍，也不恰好停在表格软件的行数上限
-- severity: warning
with accepted as (
    select
        *, lag(rows_accepted) over (partition by department, dataset, scope order by period) as rows_before
    from {batch}
    where outcome = 'accepted'
)

select delivery_id, department, dataset, period, rows_read, rows_accepted, rows_before
from accepted
-- a register that is told by its changes: the first file holds all of it
where coalesce(
    rows_before >= 1000 and rows_accepted > 2 * rows_before
    and concat(department, '/', dataset) <> 'health/immunization_cards',
    false
)
    -- 65,536 and 1,048,576 rows with the header: an export that was cut off
    or coalesce(rows_read in (65535, 65536, 1048575, 1048576), false)
