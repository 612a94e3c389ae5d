"""Departments' extracts become typed, pseudonymised, immutable Parquet; no joins, no arithmetic.

部门报送的文件成为有类型、已假名化、不可变的 Parquet；不关联，不计算。
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # those of NumPy only spin: no linear algebra here
