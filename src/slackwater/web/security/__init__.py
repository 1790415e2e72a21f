"""Authenticates callers and limits what they may do."""
