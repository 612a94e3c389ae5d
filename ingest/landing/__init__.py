"""How a delivery is found in the inbox and lands in the lake: whole, by one rename, with its receipt."""
