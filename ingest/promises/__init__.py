"""What is promised: departments' contracts and the province's plan, read and checked; what is generated from both.

承诺：部门的契约与省的规划，读入、检查；由二者生成的文件。
"""
