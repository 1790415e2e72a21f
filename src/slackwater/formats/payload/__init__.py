"""Decodes the answers of APIs: JSON shapes, CSV, NDJSON, JSON-stat, SDMX, CoverageJSON."""
