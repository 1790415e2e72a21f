"""The ways out of this machine, as settings and the usual variables say."""

import os
from collections.abc import Mapping

from slackwater.errors import Unavailable
from slackwater.outbound import Outbound, Proxy, check_authorities, hosts
from slackwater.settings import NO_PROXY, Settings, text_of


def outbound_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Outbound:
    """Return the proxies and authorities of the settings, else of the usual variables.

    Unavailable names the variable that cannot be used, and never quotes a proxy.
    """

    def variable(*names: str) -> tuple[str, str]:
        both = [each for name in names for each in (name.lower(), name)]
        return next(((name, environment[name]) for name in both if environment.get(name)), ("", ""))

    def proxy(*names: str) -> Proxy | None:
        name, text = ("proxy", text_of(settings.proxy) or "") if settings.proxy is not None else variable(*names)
        if text in ("", NO_PROXY):
            return None
        try:
            return Proxy.of(text)
        except ValueError as error:
            raise Unavailable(f"The variable {name} cannot be used: {error}.") from None

    direct = hosts(variable("NO_PROXY")[1] if settings.no_proxy is None else settings.no_proxy)
    ca_file = str(settings.ca_file) if settings.ca_file else environment.get("SSL_CERT_FILE") or None
    found = Outbound(proxy("HTTP_PROXY", "ALL_PROXY"), proxy("HTTPS_PROXY", "ALL_PROXY"), direct, ca_file)
    if ca_file is not None:
        try:
            check_authorities(ca_file)
        except ValueError as error:
            raise Unavailable(f"The variable SSL_CERT_FILE cannot be used: {error}.") from None
    return found
