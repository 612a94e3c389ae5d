"""How a workbook's sheets are read: which of them, where the table on each begins, what its cells show.

工作簿：读哪几张工作表，表从哪里开始，单元格显示的是什么。
"""
