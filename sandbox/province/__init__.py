"""The province as it is or is taken to be: its frame, its residents, and how numbers are shared out over them."""
