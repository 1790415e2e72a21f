"""Stores wrappers, runs, logs, resources and uploaded files."""
