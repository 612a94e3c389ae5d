"""Pages that need nothing but themselves: one skeleton, one stylesheet, one environment that escapes all."""
