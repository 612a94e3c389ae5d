"""Before anything starts: metadata migrated, the writer's pool, the first user. Safe to run again."""

import sys
from pathlib import Path

from airflow.__main__ import main

PASSWORD = Path("/run/secrets/admin_password").read_text("ascii").strip()
USER = {"username": "admin", "role": "Admin", "firstname": "Suheng", "lastname": "Admin", "email": "admin@localhost"}


def airflow(*arguments: str) -> None:
    """An airflow command in this process: a process each would import Airflow each time."""
    sys.argv = ["airflow", *arguments]
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise


airflow("db", "migrate")
airflow("pools", "set", "duckdb_writer", "1", "DuckDB allows one writer")
airflow("users", "create", *(f"--{name}={value}" for name, value in USER.items()), f"--password={PASSWORD}")
