"""Finds how a source is asked for a range of time, and proves that it honours it."""
