"""Running a night: its steps, on this machine alone or as Airflow's tasks.

运行一夜：它的各步，在本机，或作为 Airflow 的任务。
"""
