"""Performs the HTTP requests of wrapper processes: credentials, limits, address policy."""
