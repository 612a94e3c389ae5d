"""How a publication is read: the file itself, locked down, and its copy in PostgreSQL.

怎样读一次发布：锁定的文件本身，和它在 PostgreSQL 里的副本。
"""
