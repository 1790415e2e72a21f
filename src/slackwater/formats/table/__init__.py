"""Reads the rows of CSV files and workbooks."""
