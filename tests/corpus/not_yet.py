"""What the corpus holds and discovery does not read exactly yet, by name; it only shrinks."""

NOT_EXACT: dict[str, str] = {  # asked, or read in part: true points, if any
    "binance": "incomplete: `1` has 1,000 of 2,600 points; `2` has 1,000 of 2,600 points; `3` has ",
    "ckan": "failed: reading: ReadError('more than 1,000 requests')",
    "dynamics_odata": "question: Two fields look like the time: `new_readat`, `createdon`",
    "dynamo_start_key": "incomplete: `visitors` has 100 of 900 points",
    "elasticsearch": "incomplete: `_source.system.cpu.total.pct` is missing; `_source.event.duration` ha",
    "feed_rfc_2822": "question: TimeFilter: form 'words' is none of iso, date, quarter, epoch_s, epoch",
    "github_commit_activity": "question: No field of the records looks like a time; they have `total`, `week`",
    "ibge_sidra": "question: TimeFilter: form 'month' is none of iso, date, quarter, epoch_s, epoch",
    "ine_portugal": "question: Several lists in the source's answer could be the records: `*.Dados` (",
    "ine_portugal_monthly": "question: TimeFilter: form 'month' is none of iso, date, quarter, epoch_s, epoch",
    "met_norway_frost": "incomplete: `relative_humidity` has 46 of 1,160 points; `wind_speed` has 48 of 1,2",
    "noaa_co_ops": "failed: reading: BadSource('No record can be read, the first because `v` is '1",
    "noaa_ncei_cdo": "incomplete: `TMIN` has 169 of 900 points; `PRCP` has 169 of 900 points; `TMAX` has",
    "odata_v2_dates": "question: TimeFilter: form 'dotnet' is none of iso, date, quarter, epoch_s, epoc",
    "ogc_edr": "question: No field of the records looks like a time; they have `system.type`, `s",
    "ons": "question: Two fields look like the time: `year`, `updateDate`",
    "prometheus": "failed: reading: BadSource('There is nothing at `data.result.*.values` in the ",
    "red_electrica": "incomplete: `Precio mercado spot` has 24 of 1,680 points; `PVPC` has 24 of 1,680 p",
    "sensor_things": "question: Two fields look like the time: `phenomenonTime`, `resultTime`",
    "slack_cursor": "incomplete: `depth` has 999 of 1,200 points",
    "socrata": "incomplete: `casual` has 1,000 of 2,400 points; `member` has 1,000 of 2,400 points",
    "statistics_canada": "question: Two fields look like the time: `refPer`, `releaseTime`",
    "statistics_norway": "question: TimeFilter: form 'month' is none of iso, date, quarter, epoch_s, epoch",
    "stripe": "incomplete: `amount` has 10 of 899 points; `fee` has 10 of 899 points; `net` has 1",
    "thing_speak": "incomplete: `field1` has 201 of 1,500 points; `field2` has 197 of 1,476 points",
    "totals_and_pages": "failed: reading: BadSource('Two pages of the source hold the same records (aga",
    "turismo": "question: TimeFilter: form 'month' is none of iso, date, quarter, epoch_s, epoch",
    "uk_flood_monitoring": "incomplete: `value` has 500 of 2,688 points",
    "usgs_earthquakes": "incomplete: `properties.mag` has 388 of 899 points; `properties.sig` has 388 of 89",
    "usgs_nwis": "incomplete: `Gage height, ft` has 192 of 2,400 points; `Streamflow, ft&#179;/s` ha",
}
WRONG: dict[str, str] = {  # points that the source does not hold: the first to mend
    "bls": "`October` is no series of the source; it has 2 points, such as [(17040",
    "bright_sky": "`fallback_source_ids.pressure_msl` is no series of the source; it has ",
    "google_page_token": "`sizeBytes` is no series of the source; it has 50 points, such as [(17",
    "hal_spring": "`probe` is no series of the source; it has 1,100 points, such as [(179",
    "hubeau": "`statut_serie` is no series of the source; it has 1,300 points, such a",
    "ine_spain": "`IPC251852 FK_Periodo` is no series of the source; it has 290 points, ",
    "openaq": "`coverage.percentComplete` is no series of the source; it has 2,400 po",
    "sensor_community": "`sensor.pin` is no series of the source; it has 60 points, such as [(1",
    "us_census": "`no us` is no series of the source; it has 175 points, such as [(12623",
}
NOT_ASKED: dict[str, str] = {  # ambiguous, and answered with a guess
    "pairs_like_epochs": "asks for records_path: pairs of plain numbers are no records to it",
}
NOT_ANSWERED: dict[str, str] = {  # ambiguous, and the answer that is given does not settle it
    "day_or_month": "date_format is not heeded",
    "month_or_day": "date_format is not heeded",
    "days_of_a_spreadsheet": "date_format is not heeded",
    "pairs_like_epochs": "the pairs are not read as records",
}
NOT_PLAIN: dict[str, str] = {  # layouts with one oddity that are not read exactly
    "time=m_month": "a time filter in months is declared that cannot be loaded",
}
