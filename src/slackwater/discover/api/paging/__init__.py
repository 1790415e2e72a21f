"""Finds how a source hands out its records page by page, and holds it to what it claims."""
