"""Whether a service of Airflow lives, asked without importing Airflow, which would cost seconds of CPU each time."""

import socket
import sys
import urllib.request
from pathlib import Path

ADDRESS = {"api-server": "http://localhost:8080/api/v2/version", "scheduler": "http://localhost:8974/health"}
JOB = {"dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}
ALIVE = """
select from job where job_type = %s and hostname = %s and state = 'running'
and latest_heartbeat > now() - interval '60 seconds'
"""


def main(service: str) -> None:
    if service in ADDRESS:
        urllib.request.urlopen(ADDRESS[service], timeout=5).read()
        return
    import psycopg2

    password = Path("/run/secrets/airflow_db_password").read_text("ascii")
    with psycopg2.connect(host="postgres", dbname="airflow", user="airflow", password=password) as con:
        job = con.cursor()
        job.execute(ALIVE, (JOB[service], socket.gethostname()))
        if not job.fetchall():
            sys.exit(f"{service}: no heartbeat within 60 s")


if __name__ == "__main__":
    main(sys.argv[1])
