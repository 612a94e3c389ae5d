"""How a publication is read: the file itself, locked down, and its copy in PostgreSQL.

查询：锁定的发布文件本身，和它在 PostgreSQL 里的副本。
"""
