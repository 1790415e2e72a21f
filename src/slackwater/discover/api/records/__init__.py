"""Finds the records of an answer, and which of their fields are the time, the values and the series."""
