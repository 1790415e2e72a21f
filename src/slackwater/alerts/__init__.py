"""Watches all sources, and tells channels what is wrong with them: e-mail, chat, webhooks."""
