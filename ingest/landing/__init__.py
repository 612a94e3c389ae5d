"""How a delivery is found in the inbox and lands in the lake: whole, by one rename, with its receipt.

落湖：交付在收件箱里找到，一次改名落入数据湖，完整，附回执。
"""
