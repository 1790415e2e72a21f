"""Handles HTTP below the API: middleware, uploads, slow clients, errors."""
