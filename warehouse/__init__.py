"""From the lake to readers: one build, its audit, its publication, and who is told; the command line.

从数据湖到读者：一次构建、审核、发布，告知该知道的人；命令行。
"""
