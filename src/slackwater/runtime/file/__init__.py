"""Reads a CSV file or workbook row by row, as a declaration says."""
