"""Writes the points of a resource as CSV, XLSX and Parquet."""
