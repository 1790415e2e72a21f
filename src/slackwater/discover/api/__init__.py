"""Discovers what an HTTP API holds: records, columns, pagination, time filters."""
