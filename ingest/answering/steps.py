"""What to do with a file that is refused whole, in words for a clerk."""

STEPS = {  # by reason; {name} and the like are what the contract says
    "unknown_name": "把文件改名为 {name}；〔〕里换成实际的年份等，其后只能有 _更正、_补报 之类或序号，其余一字不差",
    "unknown_time": "旁边的 .received 文件里写收到的时间，如 2025-10-09T09:30:00（不写时区即北京时间）；不必要就删去它",
    "future_period": "文件名里的时期写错的，改正后再放；时期没错的，等这一期结束、数据完整后重新导出",
    "wrong_dataset": "这里只收《{title}》：检查是否放错了目录，或导出了别的表",
    "header_mismatch": "表头改成下表“文件应有的表头”，一列不缺、一列不多，一字不差{nested}{ignored}",
    "same_table": "在表格软件里比较所说的工作表，只留本期的一张，删去副本和往年的，再存为 {format}",
    "merged_cells": "在表格软件里选中所说的单元格，取消“合并单元格”，每一格各自填写，再存为 {format}",
    "unreadable": "契约约定的格式是 {format}：{save_as}；存好后重新打开，看文字有没有乱码、行数对不对",
    "packed": "把压缩包解压，只报送里面的文件（{format}），文件名为 {name}；加了密码的先解密",
    "cut_off": "看文件最后一行：不完整的，从业务系统重新导出、重新上传；确已完整的，在最后一行末尾加一个换行再报",
    "too_large": "检查导出范围；是表格的，选中数据区以外的行和列用“删除”（不是清除内容）去掉，删去无关的工作表，再另存",
    "our_fault": "文件不必改动：这是我方程序的问题，已通知省级数据管理员；查明之前不会要求补正",
    "too_few_rows": "检查导出条件（时间、单位）是否漏选；契约要求至少 {min_rows} 行",
    "too_many_rejects": "先看“出错原因”：一种原因占了大多数的，是导出设置的问题，改好设置重新导出；其余逐行改正",
}
