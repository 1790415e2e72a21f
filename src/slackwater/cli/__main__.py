"""`python -m slackwater.cli` is `slackwater`."""

from slackwater.cli import main

main()
