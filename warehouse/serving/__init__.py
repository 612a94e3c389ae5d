"""How a publication is read: the file itself, locked down, and its copy in PostgreSQL."""
