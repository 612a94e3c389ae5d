"""How a delivery is found in the inbox and lands in the lake: whole, by one rename, with its receipt.

交付怎样在收件箱里找到，又怎样落入数据湖：一次改名，完整，附回执。
"""
