"""Reads numbers, times and cells as people write them. No input or output."""
