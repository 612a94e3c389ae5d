"""How a file of any format is read into blocks of raw cells, each with the number of its record.

读取：任何格式的文件读成一块块原始单元格，每行带行号。
"""
