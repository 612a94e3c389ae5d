"""What stands and what is wrong: service levels, status, and alerts, each told once.

现状如何，哪里不对：服务水平、状态、告警，一事只告一次。
"""
