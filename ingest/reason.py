"""Why a row is quarantined or a file refused, in words for the clerk who must act."""

from __future__ import annotations

from typing import Any

import polars as pl

REJECT = {
    "ragged_row": "列数与表头不符",
    "stray_quote": "英文双引号没有成对，或引号内的换行太多，分不清一条记录到哪里为止",
    "repeated_key": "一条记录里有两个相同的键，分不清以哪个为准",
    "broken_json": "不是完整的一行 JSON",
    "bare_number": "十六位以上的号码以数字书写，末位可能已丢失，须加引号",
    "encoding": "文字在字符中间被截断或编码损坏",
    "control_character": "内容里有看不见的控制字符",
    "required": "必填项为空",
    "id_format": "公民身份号码应为18位（或旧式15位）",
    "id_check_digit": "公民身份号码校验位不符",
    "id_scientific": "公民身份号码被表格软件改成了科学计数法，末位已丢失，请按文本格式重新导出",
    "scientific": "代码被表格软件改成了科学计数法，末位已丢失，请按文本格式重新导出",
    "id_birth_date": "公民身份号码中的出生日期不存在",
    "personal_number": "不填公民身份号码的列里有公民身份号码",
    "date_format": "不是日期",
    "date_impossible": "日期不存在",
    "nothing_date": "占位日期（如 1900-01-01、9999-12-31），不是真实日期",
    "time_of_day": "日期后面带有零点以外的时间",
    "date_order": "结束日期早于开始日期",
    "outside_period": "日期不在本期之内",
    "other_year": "年份与文件名里的不同",
    "number_format": "不是数字",
    "too_many_decimals": "小数位数超过契约规定，入库会丢失尾数",
    "out_of_range": "数值超出契约规定的范围",
    "not_in_codes": "不在契约规定的取值之内",
    "pattern": "代码格式不符",
    "region_length": "区划代码不是六位数字",
    "unknown_region": "没有这个县（市、区）或功能区代码",
    "expired_region": "该代码在本期之前已停用，请改用变更后的代码",
    "outside_scope": "不属于本填报地区",
    "duplicate_key": "与前面的记录主键重复",
    "contradiction": "同一主键既要保留（新增或变更）又要删除，分不清以哪个为准",
    "error_cell": "表格软件的错误值（如 #N/A、#REF!），没有数据",
    "no_value": "只有公式（或等号），没有算出的值",
}

REMEDY = {
    "ragged_row": "检查这一行是否多了或少了分隔符；单元格里的分隔符和换行要放在英文双引号之内",
    "stray_quote": "在记事本里到“内容的形状”开头那一行，删去多余的英文双引号；内容里确有的写成两个，整格用它括起",
    "repeated_key": "每个键只写一次（空格、全角半角不同的也算相同）",
    "broken_json": "把一条记录写成一行，不要换行，不要嵌套",
    "bare_number": "在导出程序里把这一项设为字符串，号码写在英文双引号之内，再重新导出",
    "encoding": "文字已损坏，不能由本文件恢复：从业务系统重新导出",
    "control_character": "在业务系统里删去这个字符（多为从别处复制带入），重新录入这一格",
    "required": "查明后补填",
    "id_format": "对照证件补正号码",
    "id_check_digit": "对照证件核对，多为抄错一位",
    "id_scientific": "末位已丢失，不能由本文件恢复：先把该列设为文本格式，再从业务系统重新导出",
    "scientific": "末位已丢失，不能由本文件恢复：先把该列设为文本格式，再从业务系统重新导出",
    "id_birth_date": "对照证件核对第7至14位",
    "personal_number": "这一列照原样入库，不能有个人的号码：删去它，只写本列应写的名称或编码",
    "date_format": "改成日期，不写文字；五位数（如 45905）是表格软件的日期序号，先把该列设为日期格式再另存",
    "date_impossible": "核对年、月、日",
    "nothing_date": "没有日期的留空，不写占位日期；有日期的填真实日期",
    "time_of_day": "去掉时间，只留年、月、日（零点可以保留）",
    "date_order": "核对这两个日期，多为填反或抄错",
    "outside_period": "核对日期；确属其他时期的，改在那一期的文件里报送",
    "other_year": "核对文件名和内容是不是同一年：内容是另一年的，改用那一年的文件名；年份填错的，改正这一列",
    "too_many_decimals": "核对小数位数，在业务系统里按规定的位数填报；本系统不代为四舍五入",
    "number_format": "只写数字，不写文字，不用科学计数法",
    "out_of_range": "核对数值和单位（如元与万元）",
    "not_in_codes": "改成所列写法之一，一字不差",
    "pattern": "对照业务系统核对，注意前面的 0 有没有丢",
    "region_length": "只写六位代码：去掉末尾的 .0（该列先设为文本格式再导出），九位、十二位代码只取前六位",
    "unknown_region": "对照行政区划代码核对",
    "expired_region": "改用变更后的代码",
    "outside_scope": "移到它所属设区市的文件里报送；代码写错的改正代码",
    "duplicate_key": "删去重复的行；确是两条记录的，改正这几列",
    "contradiction": "查明现在的情况，同一主键只留一行：还在的留新增或变更，不在的留删除",
    "error_cell": "改正出错的公式（多为查找不到，或引用的单元格已删除）；确实没有数据的留空",
    "no_value": "用表格软件打开、重新计算并保存；或复制该列，“选择性粘贴”为数值",
}

SPOILT = {  # cells that show no value, as a spreadsheet writes them, in whichever format
    **dict.fromkeys(
        ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"], "error_cell"
    ),
    "=": "no_value",
}

REJECTS = {"record": pl.Int64, "column": pl.String, "reason": pl.String, "shape": pl.String}
NO_REJECTS = pl.DataFrame(schema=REJECTS)

ADVICE = {
    "unknown_name": "请按规则命名后重新报送",
    "unknown_time": "请改正或删去 .received 文件，然后重新报送",
    "future_period": "请核对文件名里的时期；时期没错的，等这一期结束后重新保存、报送",
    "wrong_dataset": "请核对文件内容，把正确的文件重新报送到本目录",
    "header_mismatch": "请按契约的表头重新导出；如表头确已变更，请先与省级数据管理员修订数据契约",
    "same_table": "请只留一张本期的工作表，删去副本和往年的，再另存，重新报送",
    "merged_cells": "请取消合并后另存，重新报送",
    "unreadable": "请重新导出并检查文件能否打开，然后重新报送",
    "packed": "请按规则命名，不要压缩，重新报送",
    "cut_off": "请等传输完成，再把整个文件重新上传",
    "too_large": "请检查导出范围，表格里数据区以外的行、列和多余的工作表要删去，然后重新报送",
    "our_fault": "请勿改动文件，等候省级数据管理员查明；修好后由我方重新接收，确需补正的另行通知",
    "too_few_rows": "请检查导出范围是否完整，然后重新报送",
    "too_many_rejects": "请按隔离清单改正后重新报送全部数据",
}


def reject(records: Any, column: str, reason: Any, shapes: Any = "") -> pl.DataFrame:
    """Rejects of one column; reason and shapes: of each record, or one of all."""
    if len(records) == 0:  # of most small files: polars would start an engine to make nothing
        return NO_REJECTS
    return pl.DataFrame({"record": records, "column": column, "reason": reason, "shape": shapes}, schema=REJECTS)


class Refusal(ValueError):
    """A file that is refused whole: reason is a key of ADVICE, the message says what was found and expected."""

    reason = "unreadable"

    def __init__(self, message: str, reason: str | None = None):
        super().__init__(message)
        self.reason = reason or self.reason


class Unreadable(Refusal):
    """The file cannot be opened or is not what its name says."""


class Interrupted(Refusal):
    """What read the file was ended from outside, which says nothing of the file: it is tried again the next night."""

    reason = "our_fault"
