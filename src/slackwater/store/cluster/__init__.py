"""Keeps what nodes that share the store count together."""
