"""Stores who may use the service: API keys, sessions, the audit trail."""
