"""Keeps the bytes of uploaded files at a URL (fsspec), where all nodes reach them."""
