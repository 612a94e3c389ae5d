"""A page to read: which indicators tell apart town and country, local and migrant, by which fields or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.promises.counted import Counted
from ingest.promises.plan import Indicator, Plan, PlanError

BLOCKS = {"area": ("urban", "rural"), "residence": ("local", "migrant")}
WANTED = {"area": "乡镇（街道）代码", "residence": "户籍地"}
ASIDE = {"area": "城乡", "residence": "户籍"}
LEVELS = {"province": "全省", "city": "设区市", "county": "县（市、区）"}
PAGE = """# 分组与其他口径 (strata and other readings)

<!-- 由规划、数据契约和汇总模型的说明生成：suheng generate；请勿手工修改 (generated, do not edit) -->
每项指标都有全体（`all`）；下表写明字段的，`indicator_values` 的 `stratum` 另有
城镇（`urban`）、乡村（`rural`）或本地户籍（`local`）、外来（`migrant`）。

- **城镇、乡村**：按所在乡镇（街道）的统计用城乡分类代码，1开头为城镇，2开头为乡村；常住人口按报送的城乡。
- **本地户籍、外来**：户籍所在县与居住的县都换成现行代码，相同的为本地，不同的（含省外）为外来；
  常住人口按报送的户籍类型。
- 没有乡镇代码或户籍地的记录两组都不计，各组之和因此可以小于全体；一县的记录都没有的，这两组缺报。
- 各分组和敏感指标（第{sensitive}项）在省以下不公布少于{threshold}的人数（沙盘按比例缩小，不少于3），
  也不公布可以用来推算它的数：状态为 `suppressed`；敏感指标所用的分市文件在 `deliveries` 里没有行数。

| 序号 | 指标 | 城镇、乡村 | 本地户籍、外来 |
|---|---|---|---|
{strata}

第{waiting}项尚无报送数据。

## 其他口径
与主口径并列公布在 `indicator_details`，只列有值的；分类别的和敏感指标的只到全省。

| 序号 | 指标 | 口径 | `detail` | 公布到 |
|---|---|---|---|---|
{details}
"""


def strata_page(plan: Plan, contracts: Mapping[str, Contract], models: Sequence[Counted]) -> str:
    """The page; raises PlanError where strata are promised that nobody counts, or left out without a reason."""
    counted = {measure: model for model in models for measure in model.measures}
    reported = [i for i in plan.indicators if i.measures and set(i.measures.values()) <= counted.keys()]
    strata = [
        f"| {i.sequence} | {i.name_zh} | {' | '.join(_cell(i, block, counted, contracts) for block in BLOCKS)} |"
        for i in reported
    ]
    for i in plan.indicators:
        if i.strata_reason and not any(i.strata_reason in line for line in strata):
            raise PlanError(f"{i.domain}/{i.indicator}.yaml: strata_reason: 多余 (nothing that it explains)")
    details = [
        f"| {i.sequence} | {i.name_zh} | {detail['zh']} | `{name}` | {LEVELS[detail.get('level', 'province')]} |"
        for i in plan.indicators
        for name, detail in i.details.items()
    ]
    return PAGE.format(
        sensitive="、".join(str(i.sequence) for i in plan.indicators if i.sensitive),
        threshold=plan.suppression_threshold,
        strata="\n".join(strata),
        waiting="、".join(str(i.sequence) for i in plan.indicators if i not in reported),
        details="\n".join(details),
    )


def _cell(indicator: Indicator, block: str, counted: Mapping[str, Counted], contracts: Mapping[str, Contract]) -> str:
    """By which fields, or why not; what is read in its newest state only is a list of regions or rules, no record."""
    place = f"{indicator.domain}/{indicator.indicator}.yaml"
    sides = {measure: counted[measure] for measure in indicator.measures.values()}
    if set(BLOCKS[block]) <= set(indicator.strata):
        if without := [measure for measure, side in sides.items() if block not in side.fields]:
            raise PlanError(f"{place}: strata: {without[0]} 没有按{ASIDE[block]}计数 (counted without these strata)")
        fields = dict.fromkeys(side.fields[block] for side in sides.values())
        said = [_field(field, contracts) for field in fields]
        return said[0] if len(said) == 1 else f"分子：{said[0]}；分母：{said[1]}"
    if indicator.formula_kind == "area_share":
        return f"不分：按地区计，地区不分{ASIDE[block]}"
    for side in sides.values():
        told = [c for dataset in side.datasets if (c := contracts.get(dataset)) and c.reach != "latest"]
        if not any(_tells(column, block) for contract in told for column in contract.columns):
            return f"不分：{'、'.join(contract.title for contract in told)}没有{WANTED[block]}"
    if indicator.strata_reason is None:
        raise PlanError(f"{place}: strata_reason: 报送数据有{WANTED[block]}，须写明为何不分{ASIDE[block]} (a reason)")
    return f"不分：{indicator.strata_reason}"


def _field(field: str, contracts: Mapping[str, Contract]) -> str:
    dataset, _, name = field.partition(".")
    (column,) = (c for c in contracts[dataset].columns if c.name == name)
    return f"{contracts[dataset].title}的{column.headers[0]}（`{field}`）"


def _tells(column: Column, block: str) -> bool:
    """Whether the strata of the block could be told by this column."""
    if block == "residence":
        return column.name.startswith("hukou_")
    return column.name == "urban_rural" or (column.pattern or "").startswith("^[0-9]{9}")
