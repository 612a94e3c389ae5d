"""Departments' extracts become typed, pseudonymised, immutable Parquet; no joins, no arithmetic."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # those of NumPy only spin: no linear algebra here
