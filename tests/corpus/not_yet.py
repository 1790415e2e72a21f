"""What the corpus holds and discovery does not read exactly yet, by name; it only shrinks."""

NOT_EXACT: dict[str, str] = {  # asked, or read in part: true points, if any
    "alpha_vantage_daily": "question: The source's answer holds no list of objects; it has `Meta Data`, `Tim",
    "alpha_vantage_intraday": "question: The source's answer holds no list of objects; it has `Meta Data`, `Tim",
    "binance": "question: The list in the source's answer does not hold objects with fields (the",
    "bright_sky": "question: Several lists in the source's answer could be the records: `weather` (",
    "coin_gecko": "question: The source's answer holds no list of objects; it has `prices`, `market",
    "ecb": "question: No field of the records looks like a value; they have `action`, `valid",
    "frankfurter": "question: The source's answer holds no list of objects; it has `amount`, `base`,",
    "graphite": "question: No field of the records looks like a time; they have `target`, `tags.n",
    "imf": "question: No field of the records looks like a time; they have `@FREQ`, `@REF_AR",
    "ipma": "question: The source's answer holds no list of objects; it has `2026-11-19T12:00",
    "kraken": "question: The sample holds no record: every list in the source's answer is empty",
    "met_norway_frost": "question: No field of the records looks like a value; they have `sourceId`, `ref",
    "meteo_france": "question: The source's answer is not JSON (text/csv, it begins with 'POSTE;DATE;",
    "noaa_co_ops": "failed: reading: BadSource('No record can be read, the first because `v` is '1",
    "noaa_ncei_cdo": "incomplete: `TMIN` has 169 of 900 points; `PRCP` has 169 of 900 points; `TMAX` has",
    "oecd": "question: Several lists in the source's answer could be the records: `data.dataS",
    "open_meteo": "question: The source's answer holds no list of objects; it has `latitude`, `long",
    "open_meteo_local": "question: The source's answer holds no list of objects; it has `latitude`, `long",
    "open_weather_current": "question: No field of the records looks like a time; they have `id`, `main`, `de",
    "stripe": "question: No field of the records looks like a time; they have `id`, `object`, `",
    "uk_flood_monitoring": "incomplete: `value` has 500 of 2,688 points",
    "usgs_nwis": "question: No field of the records looks like a time; they have `sourceInfo.siteN",
}
WRONG: dict[str, str] = {  # points that the source does not hold: the first to mend
    "usgs_earthquakes": "`properties.updated` is no series of the source; it has 388 points, su",
}
