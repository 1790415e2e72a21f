"""Escapes text from untrusted processes and sources for logs, terminals and tables."""

import re

# C0 and C1 control characters but tab and line feed, and what turns the direction of text or breaks lines unseen.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_BREAKS = re.compile(r"[ \t]*\n\s*|\t")


def visible(text: str) -> str:
    r"""Escape the control characters of a text, such as `\x1b`; tabs and line ends stay."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(_written_out, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Escape a text into one line; line ends become spaces, so that none is forged."""
    return _BREAKS.sub(" ", visible(text).strip())


def _written_out(found: "re.Match[str]") -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
