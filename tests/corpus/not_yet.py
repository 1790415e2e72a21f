"""What the corpus holds and discovery does not read exactly yet, by name; it only shrinks."""

NOT_EXACT: dict[str, str] = {  # asked, or read in part: true points, if any
}
WRONG: dict[str, str] = {  # points that the source does not hold: the first to mend
}
NOT_ASKED: dict[str, str] = {}  # ambiguous, and answered with a guess
NOT_ANSWERED: dict[str, str] = {}  # ambiguous, and the answer that is given does not settle it
NOT_PLAIN: dict[str, str] = {}  # layouts with one oddity that are not read exactly
