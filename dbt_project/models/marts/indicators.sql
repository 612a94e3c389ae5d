-- one row per indicator of the plan
select
    indicator, plan, sequence, domain, domain_zh, name_zh, name_en, unit, direction, attribute, service_tier,
    lead_department_zh, printed_baseline, printed_target, target_kind, target, baseline, baseline_kind, tolerance,
    local_target, formula_kind, lowest_level, published_decimals, printed_baseline_decimals, definition_zh,
    definition_source, document, source_line, source_text, method_version, datasets, years_open, suppression_threshold,
    is_cumulative, is_additive, is_gross, is_sensitive, is_numerator_of_persons, is_denominator_of_persons
from {{ ref('int_indicators') }}
