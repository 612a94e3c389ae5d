"""Departments' extracts become typed, pseudonymised, immutable Parquet; no joins, no arithmetic."""
