"""Running a night: its steps, on this machine alone or as Airflow's tasks."""
