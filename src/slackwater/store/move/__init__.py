"""Moves a store between a data directory and a database, point by point."""
