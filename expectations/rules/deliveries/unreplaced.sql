-- title: 退回的文件已有补交并被采用
-- severity: warning
select refused.delivery_id, refused.department, refused.dataset, refused.period, refused.reason, refused.source_file
from {batch} as refused
anti join {batch} as replacing
    on refused.department = replacing.department
        and refused.dataset = replacing.dataset
        and (refused.period is null or (refused.period, refused.scope) = (replacing.period, replacing.scope))
        and replacing.outcome = 'accepted'
        and (coalesce(replacing.arrived_at, replacing.received_at), replacing.received_at)
        >= (coalesce(refused.arrived_at, refused.received_at), refused.received_at)
where refused.outcome = 'refused'
