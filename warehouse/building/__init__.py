"""One build of the marts from the lake, and its audit: what went in and came out, under one lock.

构建：由数据湖构建一次集市并审核，进出各是什么，同一把锁之下。
"""
