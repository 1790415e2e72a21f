"""Defines the command line, `slackwater`; imports the chosen command alone, for speed."""

import sys


def main() -> None:
    """Run the command that argv names; exits with its code."""
    try:
        # Here, so that Ctrl-C while the libraries load is no traceback.
        from slackwater.cli.application import start

        start()
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says for SIGINT
