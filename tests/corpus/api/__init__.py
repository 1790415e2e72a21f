"""Public APIs as they are: each a real loopback server with its provider's envelope, paging, filters and noise."""

from importlib import import_module

from api.serving import APIS, NOW, Api, credentials

FAMILIES = ("databases", "devices", "energy", "finance", "statistics", "walks", "weather")
for family in FAMILIES:
    import_module(f"api.{family}")

__all__ = ["APIS", "NOW", "Api", "credentials"]
