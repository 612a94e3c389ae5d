"""A synthetic province, calibrated to real figures of 2020: departments' extracts, good and bad, and the answers."""
