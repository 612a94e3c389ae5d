"""Running a night: its steps, on this machine alone or as Airflow's tasks.

运行：一夜的各步，在本机，或作为 Airflow 的任务。
"""
