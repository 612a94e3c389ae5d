"""How docs/architecture.svg is drawn from the code: its facts, its layers, its boxes.

架构图怎样由代码画出：事实、层次、方框。
"""
