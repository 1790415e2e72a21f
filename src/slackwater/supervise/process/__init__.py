"""Starts, limits, ends and reaps processes."""
