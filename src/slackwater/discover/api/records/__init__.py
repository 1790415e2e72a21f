"""Detects the records of an answer, and their time, value and series fields."""
