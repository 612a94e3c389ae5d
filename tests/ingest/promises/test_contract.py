"""Contracts: every committed one reads; a wrong one is refused by file and key before any file is read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from desk import PEOPLE

from ingest import settings
from ingest.fold import fold
from ingest.promises.contract import Contract, ContractError, read_contract, read_contracts

FILES = sorted(settings.CONTRACTS.glob("*/*.yaml"))
WRONG = [
    ("physicalName: 次数", "physicalname: 次数", "physicalname"),
    ("required: true, primaryKey", "requred: true, primaryKey", "requred"),
    ("{minimum: 0, maximum: 5000}", "{minimun: 0, maximum: 5000}", "minimun"),
    ("[{synonym: 服务日期", "[{synonim: 服务日期", r"properties\.1\.synonyms\.0"),
    ("enum: [{value: meals", "enums: [{value: meals", "enums"),
    ("enum: [{value: meals", "enum: [{valeu: meals", r"properties\.3\.enum\.0"),
    ("mustBeGreaterOrEqualTo", "mustBeGreaterOrEqualThan", "mustBeGreaterOrEqualThan|rowCount|quality"),
    ("property: frequency", "propertie: frequency", r"slaProperties\.0"),
    ("property: frequency", "property: freqency", "frequency"),
    ("property: department", "property: departement", "departement"),
    ("property: maxRejectShare", "property: maxRejectShar", "maxRejectShar"),
    ("property: ignoredHeaders", "property: ignoredHeader", "ignoredHeader"),
    ("property: skippedRows", "property: skipedRows", "skipedRows"),
    ("property: withinPeriod", "property: withinPeriods", "withinPeriods"),
    ("format: citizen_number", "format: citizen_numbr", "person_key: format: .*citizen_numbr"),
    ("format: county_code", "format: county", "county_code: format"),
    ("format: csv", "format: json", "format: json"),
    ("encoding: gb18030", "encoding: gbk", "encoding: gbk"),
    ("encoding: gb18030", "encoding: gb18030, delimiter: ','", "delimiter"),  # of the standard's server type custom
    ("local, format: csv, encoding: gb18030", "custom, format: csv, delimiter: ';'", "delimiter: ; 应为 ','、'|'"),
    ("local, format: csv, encoding: gb18030", "custom, format: xlsx, delimiter: ','", "delimiter: , xlsx 格式没有"),
    ("format: csv", "format: jsonl", "encoding: gb18030 应为 'utf-8'"),
    ("format: csv", "format: parquet", "encoding: gb18030 parquet 格式没有"),
    ("local, format: csv, encoding: gb18030,", "custom,", "format"),
    ("property: skippedRows, value: '^(合计|注[：:])'", "property: sheets, value: '市$'", "sheets: 只有 xlsx"),
    ("property: skippedRows, value: '^(", "property: skippedRows, value: '(^(", "skippedRows: .*regular expression"),
    ("(?P<month>[0-9]{2})", "(?P<months>[0-9]{2})", "path: .*months"),
    ("value: period}", "value: delta}", "operation"),
    ("value: period}", "value: snapshots}", "combination: snapshots"),
    ("physicalType: UUID", "physicalType: VARCHAR", "person_key: physicalType"),
    ("physicalType: INTEGER", "physicalType: INT", "times: physicalType"),
    ("physicalType: 'DECIMAL(12,2)'", "physicalType: DECIMAL", "fee_cny: physicalType"),
    ("logicalType: integer, physicalType: INTEGER", "logicalType: integer", "times: .*physicalType"),
    ("logicalType: integer", "logicalType: object", "times|logicalType"),
    ("(?P<year>20[0-9]{2})", "(20[0-9]{2})", "path: .*year"),
    ("(?P<month>[0-9]{2})", "(?P<month>[0-9]{2}", "path: .*regular expression"),
    ("id: demo.people", "id: demo.persons", "id 应为 demo.people"),
    ("unit: m}", "unit: w}", "frequency: unit: w 应为 y、m"),
    ("value: 20, unit: d", "value: 3, unit: w", "latency: unit: w 应为 d"),
    ("value: 20, unit: d", "value: 20.5, unit: d", "latency: value: 20.5"),
    ("value: 1, unit: m", "value: 0, unit: m", "frequency: value: 0"),
    ("  - {property: latency, value: 20, unit: d}\n", "", "slaProperties: 应恰有"),
    ("property: latency", "property: timeToRepair", "slaProperties: 应恰有"),
    ("version: 1.0.0", "version: '1.1'", "version: 1.1 应为三段数字"),
    ("status: active", "status: retired", "status: retired 应为 active"),
    ("status: active", "status: active\nprice: {priceAmount: 1}", "price: 本系统不执行"),
    ("physicalName: 单号", "physicalName: 单号, unique: true", "form_id: unique: 本系统不执行"),
    (
        "physicalName: 单号",
        "physicalName: 单号, quality: [{metric: nullValues, mustBe: 0}]",
        "form_id: quality: 本系统",
    ),
    ("{metric: rowCount, mustBeGreaterOrEqualTo: 1}", "{metric: duplicateValues, mustBe: 0}", "quality.mustBe: 本系统"),
    ("{metric: rowCount, must", "{metric: nullValues, must", "quality: 只执行 rowCount"),
    ("minimum: 0, maximum: 5000", "multipleOf: 5", "times: multipleOf: 这一列不执行"),
    ("{pattern: '^S[0-9]{4}$'}", "{minLength: 5}", "form_id: minLength: 这一列不执行"),
    ("physicalName: 机构,", "physicalName: 单号,", "physicalName: 单号 重复"),
    ("{synonym: 服务日期,", "{synonym: 县区代码,", "physicalName: 县区代码 重复"),
    ("name: provider,", "name: form_id,", "name: form_id 重复"),
    ("primaryKeyPosition: 2", "primaryKeyPosition: 1", "primaryKeyPosition: .*1, 1"),
    ("primaryKeyPosition: 2", "primaryKeyPosition: 3", "primaryKeyPosition: .*1, 3"),
    ("apiVersion: v3.2.0", "apiVersion: v9", "apiVersion"),
    ("servers:", "servers: [", "YAML"),
    (PEOPLE, "", "object"),
]


def read_changed(tmp_path: Path, old: str, new: str, name: str = "demo/people") -> Contract:
    assert old in PEOPLE
    path = tmp_path / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PEOPLE.replace(old, new, 1), "utf-8")
    return read_contract(path)


def test_a_contract_says_what_is_promised(people: Contract) -> None:
    assert (people.name, people.title, people.department_zh, people.version) == (
        "demo/people",
        "名册",
        "省测试厅",
        "1.0.0",
    )
    assert (people.format, people.encoding, people.combination, people.reach) == ("csv", "gb18030", "period", "year")
    assert (people.frequency, people.every, people.latency_days) == ("m", 1, 20)
    assert (people.min_rows, people.max_reject_share) == (1, 1.0)
    assert people.key == ("person_key", "event_date")
    assert people.ignored_headers == ("姓名", "住址")
    assert people.columns[1].headers == ("日期", "服务日期")
    kinds = "citizen date region codes boolean text text integer decimal citizen"
    assert [c.kind for c in people.columns] == kinds.split()
    assert [c.name for c in people.columns if c.required] == ["person_key", "event_date", "county_code", "service"]
    assert [c.name for c in people.columns if c.within_period] == ["event_date"]
    assert (people.columns[7].minimum, people.columns[7].maximum) == (0, 5000)


LAYOUTS = [
    ("format: csv, encoding: gb18030", "format: csv", {"encoding": "utf-8", "delimiter": ","}),
    ("local, format: csv, encoding: gb18030", "custom, format: csv, delimiter: '|'", {"delimiter": "|"}),
    (
        "local, format: csv, encoding: gb18030",
        'custom, format: csv, encoding: utf-16, delimiter: "\\t"',
        {"encoding": "utf-16", "delimiter": "\t"},
    ),
    ("format: csv, encoding: gb18030", "format: jsonl, encoding: utf-8", {"format": "jsonl"}),
    ("format: csv, encoding: gb18030", "format: parquet", {"format": "parquet", "sheets": None}),
]


@pytest.mark.parametrize(("old", "new", "said"), LAYOUTS)
def test_a_contract_says_how_a_file_is_written(tmp_path: Path, old: str, new: str, said: dict[str, object]) -> None:
    contract = read_changed(tmp_path, old, new)
    assert {key: getattr(contract, key) for key in said} == said
    assert contract.example_name == f"名册_2025年09月.{contract.format}"


def test_the_lake_has_the_contracts_types_after_the_record_number(people: Contract) -> None:
    text = pa.string()
    types = [pa.int64(), pa.uuid(), pa.date32(), text, text, pa.bool_(), text, text, pa.int32(), pa.decimal128(12, 2)]
    assert people.arrow_schema.types == [*types, pa.uuid()]
    assert people.arrow_schema.field("record").nullable is False
    assert people.arrow_schema.field("person_key").nullable is False
    assert people.arrow_schema.field("guardian_key").nullable is True


def test_every_committed_contract_reads() -> None:
    contracts = read_contracts()
    assert list(contracts) == [f"{p.parent.name}/{p.stem}" for p in FILES]
    assert len(contracts) >= 7


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_header_or_name_of_a_contract_means_two_things(path: Path) -> None:
    contract = read_contract(path)
    headers = [fold(h) for c in contract.columns for h in c.headers] + [fold(h) for h in contract.ignored_headers]
    names = [c.name for c in contract.columns]
    assert len(set(headers)) == len(headers)
    assert len({*names, "record"}) == len(names) + 1


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_committed_contract_keeps_names_or_addresses(path: Path) -> None:
    kept = {h for c in read_contract(path).columns for h in c.headers}
    assert not kept & {"姓名", "住址", "联系电话", "手机号"}


@pytest.mark.parametrize(("old", "new", "key"), WRONG)
def test_a_wrong_contract_is_refused_by_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(ContractError, match=rf"people\.yaml.*({key})"):
        read_changed(tmp_path, old, new)


def test_a_contract_without_a_primary_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "people.yaml"
    path.parent.mkdir()
    path.write_text(PEOPLE.replace("primaryKey: true", "primaryKey: false"), "utf-8")
    with pytest.raises(ContractError, match=r"people\.yaml: primaryKey"):
        read_contract(path)


def test_the_id_follows_the_path(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"id 应为 demo\.persons"):
        read_changed(tmp_path, "", "", "demo/persons")


def test_a_contract_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "people.yaml"
    path.parent.mkdir()
    path.write_bytes(PEOPLE.encode("gb18030"))
    with pytest.raises(ContractError, match=r"people\.yaml: .*UTF-8"):
        read_contract(path)
