"""Detects the time filter of a source and proves that it is honoured."""
