"""Keeps earlier words of the service's sentences: stores hold some that were written with them."""

EARLIER = {
    "The source answered {}: there is nothing at location. Correct location.": (
        "The source answered {}: there is nothing at this address. Correct location."
    ),
    "generation from {} requested": "created; discovery of its source ({}) requested",
    "generation requested again": "discovery requested again",
    "generation started": "discovery started",
    "code ready": "module ready",
    "Its source answers differently; its module was written anew, see its log.": (
        "Its source answers differently; its module was generated again, see its log."
    ),
    "`{}` sets the page size; {} are asked for, {} came.": "`{}` sets the page size; {} were requested, {} came.",
    "The source asks for a time range, and answers the one that was tried, but a part of it did not come as "
    "asked for. Give time_filter, the names of the two parameters.": (
        "The source requires a time range, and answers the one that was tried, but a part of it did not come "
        "as requested. Give time_filter, the names of the two parameters."
    ),
    "The values are in even steps from a beginning, told by {}.": (
        "The values are in even steps from a beginning, given by {}."
    ),
    "source_config says that no time range can be asked for.": (
        "source_config says that no time range can be requested."
    ),
    "time_filter names {}, but a time range asked for by them did not come. Correct time_filter, or give none"
    " to read the source whole.": (
        "time_filter names {}, but a time range requested by them did not come. Correct time_filter, or give "
        "none to read the source whole."
    ),
    "The URL asks for a range of time by {}, and no other range came when it was asked for: what lies outside"
    " would be missing. Leave it out of location, give time_filter with the names and a form that the source "
    "understands, or set time_filter to none to keep to this range.": (
        "The URL selects a time range by {}, and no other range came when it was requested: what lies outside"
        " would be missing. Leave it out of location, give time_filter with the names and a form that the "
        "source understands, or set time_filter to none to keep to this range."
    ),
    "The URL asks for a fixed range of time by {}, which could not be varied: nothing else is read. Leave it "
    "out of location, or correct it.": (
        "The URL selects a fixed time range by {}, which could not be varied: nothing else is read. Leave it "
        "out of location, or correct it."
    ),
    "`{}` selects what is newer ({}): asked for a moment inside the sample, the source gave {} records, none "
    "of them older, instead of {}. It heeds no parameter for an end.": (
        "`{}` selects what is newer ({}): requested from a moment inside the sample, the source gave {} "
        "records, none of them older, instead of {}. It honours no parameter for an end."
    ),
    "At most {} are asked for at once.": "At most {} are requested at once.",
    "`{}` tells how far each time is from UTC.": "`{}` says how far each time is from UTC.",
    "The source answered {}: it does not let us in. Give auth_type (api_key, bearer, basic or oauth2) with "
    "its credentials in source_config, or correct them.": (
        "The source answered {}: it requires valid credentials. Give auth_type (api_key, bearer, basic or "
        "oauth2) with its credentials in source_config, or correct them."
    ),
    "{} asks to be left alone for {} seconds.": "{} requests a pause of {} seconds.",
    "Only http:// and https:// can be asked, not {}.": "Only http:// and https:// URLs can be requested, not {}.",
    "Two pages of the source hold the same records (again at {}): it does not honour the page that was asked "
    "for. Correct `pages` in the wrapper's code.": (
        "Two pages of the source hold the same records (again at {}): it does not honour the requested page. "
        "Correct `pages` in the wrapper's code."
    ),
    "The source gives no more than {} records at once, and has as many of one moment: the others of that "
    "moment cannot be asked for. Give query_params that select fewer series, or page_param if it has pages.": (
        "The source gives no more than {} records at once, and has as many of one moment: the others of that "
        "moment cannot be requested. Give query_params that select fewer series, or page_param if it has "
        "pages."
    ),
    "The source answered {}: it is not asked by GET. Give body, the JSON to ask it with by POST.": (
        "The source answered {}: it does not accept GET. Give body, the JSON to send by POST."
    ),
    "What the source gives depends on the range that is asked for: at {} it gave another value or other "
    "times. Give align, the step in which it aggregates (such as PT1H), or none if that is no matter.": (
        "What the source gives depends on the requested range: at {} it gave another value or other times. "
        "Give align, the step in which it aggregates (such as PT1H), or none if that is no matter."
    ),
    "The source gives numbers in {}, which were not there when it was discovered; nothing of them is stored. "
    "Discover it anew to add them.": (
        "The source gives numbers in {}, which were not there when it was discovered; nothing of them is "
        "stored. Discover it again to add them."
    ),
    "no data from {} to {}, so nothing older was asked for": "no data from {} to {}, so nothing older was requested",
    "nothing was asked for, since the start, {}, had not come": (
        "nothing was requested, since the start, {}, had not come"
    ),
    "Too many sources are being looked at already; try again in a moment.": (
        "Too many sources are being analysed already; try again in a moment."
    ),
    "A process that looked at a source does not end; try again.": (
        "A process that analyses a source does not end; try again."
    ),
    "Host {} with port {} is this service itself, which wrappers may not ask.": (
        "Host {} with port {} is this service itself, which wrappers may not reach."
    ),
}
"""The template of before → the one that took its place, with as many parts in the same order."""
