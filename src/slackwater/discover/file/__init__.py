"""Discovers what a CSV file or workbook holds: the table, its columns, its layout."""
