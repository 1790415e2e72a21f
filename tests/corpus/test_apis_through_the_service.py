"""A handful of the corpus through the front door: broker, credentials, confinement and store are the real ones."""

from collections.abc import Iterator

import pytest

from api import APIS
from budget import some
from reading import compare
from service import Service
from slackwater.model.instants import YEAR, iso
from sources import SourceServer

HANDFUL = (
    "fred",  # the key is a parameter of the URL
    "octopus",  # basic auth, pages, newest first
    "eia",  # a key in the URL beside a number of odd parameters, offsets
    "energy_charts",  # the history only by its time filter
    "alpha_vantage_daily",  # keyed by date
    "netatmo",  # a bearer token, keyed by epoch
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


@pytest.mark.parametrize("name", some(HANDFUL, *set(HANDFUL) - {"eia"}))  # that one is pages of a thousand
def test_an_api_is_stored_exactly(service: Service, name: str) -> None:
    api = APIS[name]
    first = min(time for line in api.points.values() for time in line)
    with SourceServer() as source:
        url = source.route(api.path, api.route).removesuffix(api.path) + api.target
        wrapper_id = service.generate("API", {"location": url, "start": iso(first - YEAR), **api.auth})
        service.caught_up(wrapper_id, within=60)
        assert compare(api, service.stored(wrapper_id)) == ("exact", "")
        service.stop(wrapper_id)
        assert any(request.query.keys() >= set(api.needs) for request in source.requests)
