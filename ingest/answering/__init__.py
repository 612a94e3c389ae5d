"""How a department is answered: what was taken in, what was not and why, what to do and by when.

答复：收下什么，退回什么，为什么，怎样改，最迟何时。
"""
