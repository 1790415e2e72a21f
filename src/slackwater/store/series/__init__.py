"""Stores points, and reads them as ranges, charts and summaries."""
