"""Reads an HTTP API window by window and page by page, as a declaration says."""
