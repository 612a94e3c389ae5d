"""The province as it is or is taken to be: its frame, its residents, and how numbers are shared out over them.

全省：框架、居民，以及数目怎样分到各地。
"""
