"""May this build be published? Rules, one small file each, judged by one gate; a report for those who must act.

这次构建可以发布吗：规则一条一个小文件，由一道关审核；一份报告给该处理的人。
"""
