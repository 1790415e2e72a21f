"""Detects the pagination of a source and verifies what its answers claim."""
