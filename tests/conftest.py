"""For all tests. Its place here makes `sources` importable everywhere below."""

from hypothesis import settings

# How long an example takes says more about the machine and its other work than about the code.
settings.register_profile("slackwater", deadline=None)
settings.load_profile("slackwater")
