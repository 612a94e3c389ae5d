"""A synthetic province, calibrated to the real figures of 2020, to run everything on."""
