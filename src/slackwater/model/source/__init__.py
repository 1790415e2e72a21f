"""Describes a source: its configuration, its credentials, and how often it may be asked."""
