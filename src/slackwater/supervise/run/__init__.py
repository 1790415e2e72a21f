"""Carries out one run: talks to the process and stores what it sends."""
