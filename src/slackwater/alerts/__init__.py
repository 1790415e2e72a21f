"""Watches all sources, and reports problems to channels: e-mail, chat, webhooks."""
