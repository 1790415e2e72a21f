"""What the corpus holds and discovery does not read exactly yet, by name; it only shrinks."""

NOT_EXACT: dict[str, str] = {  # asked, or read in part: true points, if any
    "noaa_co_ops": "failed: reading: HTTPStatusError('Client error '400 Bad Request' for url 'http",
    "red_electrica": "failed: reading: HTTPStatusError('Client error '400 Bad Request' for url 'http",
    "thing_speak": "incomplete: `field1` has 201 of 1,500 points; `field2` has 197 of 1,476 points",
    "uk_flood_monitoring": "incomplete: `value` has 2,612 of 2,688 points",
}
WRONG: dict[str, str] = {  # points that the source does not hold: the first to mend
}
NOT_ASKED: dict[str, str] = {}  # ambiguous, and answered with a guess
NOT_ANSWERED: dict[str, str] = {}  # ambiguous, and the answer that is given does not settle it
NOT_PLAIN: dict[str, str] = {}  # layouts with one oddity that are not read exactly
