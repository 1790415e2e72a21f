"""What was found at sources and may be approved.

A wrapper made of it asks the source nothing again.
"""

import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from slackwater.errors import BadInput
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.model.source.identity import identity
from slackwater.model.wrapper import Origin, SourceType
from slackwater.supervise.run.one_shot import Returned

KEPT_SECONDS = 3_600.0  # chosen: a person creates the source within the hour, or discovers again
MOST = 200  # discoveries; the oldest go first


@dataclass(frozen=True)
class Discovery:
    """One look at a source that has found what it is."""

    returned: Returned
    origin: Origin
    about: str  # digest of what was looked at
    at: float


class Discoveries:
    """Keeps what was found for an hour, in memory alone.

    After a restart the source is looked at again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Discovery] = OrderedDict()

    def keep(self, returned: Returned, origin: Origin, source_type: SourceType, config: FileConfig | ApiConfig) -> str:
        """Keep what was found; return the id under which it can be approved."""
        self._forget_old()
        while len(self._kept) >= MOST:
            self._kept.popitem(last=False)
        discovery_id = str(uuid.uuid4())
        self._kept[discovery_id] = Discovery(returned, origin, _about(source_type, config), self._clock())
        return discovery_id

    def get(self, discovery_id: str, source_type: SourceType, config: FileConfig | ApiConfig) -> Discovery:
        """Return what was found.

        BadInput when it is not known any more, or is about another source.
        """
        self._forget_old()
        found = self._kept.get(discovery_id)
        if found is None:
            raise BadInput(
                f"discovery {discovery_id[:40]!r} is not known any more; "
                "discover the source again, or leave discovery out"
            )
        if found.about != _about(source_type, config):
            raise BadInput(
                "discovery is about another source_config; discover the source again, or leave discovery out"
            )
        return found

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._kept and next(iter(self._kept.values())).at < oldest:
            self._kept.popitem(last=False)


def _about(source_type: SourceType, config: FileConfig | ApiConfig) -> str:
    # How far back history goes changes nothing in what a source is.
    return f"{source_type} {identity(config.model_dump(exclude_none=True) | {'start': None})}"
