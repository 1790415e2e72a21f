"""Implements `slackwater sources` and `apply`: sources of a server, single or from YAML."""
