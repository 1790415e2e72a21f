"""Demonstrates back-fill, stop and resume on three real sources (`slackwater demo`)."""
