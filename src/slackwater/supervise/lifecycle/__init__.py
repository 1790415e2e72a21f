"""Starts, stops, retries and schedules wrappers."""
