"""What stands and what is wrong: service levels, status, and alerts, each told once.

值守：服务水平、状态、告警，一事只告一次。
"""
