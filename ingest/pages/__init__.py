"""Pages that need nothing but themselves: one skeleton, one stylesheet, one environment that escapes all.

自成一体的网页：一个骨架，一份样式，一个自动转义的环境。
"""
