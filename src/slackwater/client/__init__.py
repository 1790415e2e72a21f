"""Reads the series of a service into pandas, Polars, Arrow or plain Python: `Slackwater(url, key).series(id)`."""

from slackwater.client.service import Series, ServiceError, Slackwater, Source

__all__ = ["Series", "ServiceError", "Slackwater", "Source"]
