"""Serves time series: resources, their data, and what is said about it."""
