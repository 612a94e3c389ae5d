"""How raw cells conform: typed values, pseudonyms for persons, one record for each key; and what does not, with why.

合规：单元格定类型，人换成假名，一键一条；不合格的隔离，写明原因。
"""
