"""Joins nodes that share a store: leases, notices, and who runs what."""
