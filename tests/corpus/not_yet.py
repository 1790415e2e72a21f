"""What the corpus holds and discovery does not read exactly yet, by name; it only shrinks."""

NOT_EXACT: dict[str, str] = {  # asked, or read in part: true points, if any
    "binance": "question: The list in the source's answer does not hold objects with fields (the",
    "bls": "incomplete: `value` has 28 of 220 points",
    "bright_sky": "incomplete: 25 of 1,920 points",
    "ckan": "failed: reading: ReadError('more than 1,000 requests')",
    "dynamo_start_key": "incomplete: `visitors` has 100 of 900 points",
    "elasticsearch": "incomplete: 10 of 900 points",
    "google_page_token": "incomplete: `voltage` has 50 of 1,600 points",
    "met_norway_frost": "incomplete: 48 of 1,200 points",
    "noaa_co_ops": "incomplete: `v` has 240 of 1,440 points",
    "noaa_ncei_cdo": "incomplete: `PRCP` has 169 of 900 points; `TMIN` has 169 of 900 points; `TMAX` has",
    "odata_v2_dates": "incomplete: `Level` has 200 of 700 points",
    "red_electrica": "incomplete: `Precio mercado spot value` has 24 of 1,680 points; `PVPC value` has 2",
    "slack_cursor": "incomplete: `depth` has 999 of 1,200 points",
    "socrata": "incomplete: `casual` has 1,000 of 2,400 points; `member` has 1,000 of 2,400 points",
    "stripe": "incomplete: `amount` has 10 of 899 points",
    "thing_speak": "incomplete: `field1` has 201 of 1,500 points; `field2` has 197 of 1,476 points",
    "totals_and_pages": "failed: reading: BadSource('Two pages of the source hold the same records (aga",
    "uk_flood_monitoring": "incomplete: `value` has 500 of 2,688 points",
    "usgs_earthquakes": "incomplete: 388 of 899 points",
    "usgs_nwis": "incomplete: 192 of 2,400 points",
}
WRONG: dict[str, str] = {}  # points that the source does not hold: the first to mend
NOT_ASKED: dict[str, str] = {}  # ambiguous, and answered with a guess
NOT_ANSWERED: dict[str, str] = {}  # ambiguous, and the answer that is given does not settle it
NOT_PLAIN: dict[str, str] = {}  # layouts with one oddity that are not read exactly
