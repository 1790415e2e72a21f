"""Decides what columns mean, for APIs and files alike, and records the evidence."""
