"""Turns what the store and the API say into what pages show."""
