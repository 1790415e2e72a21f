"""Runs a wrapper module inside its confined process and speaks to the service."""
