"""How a department is answered: what was taken in, what was not and why, what to do and by when.

怎样答复部门：收下什么，退回什么，为什么，怎样改，最迟何时。
"""
