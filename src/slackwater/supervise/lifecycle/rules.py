"""How wrappers are run: settings, read once."""

from dataclasses import dataclass, field

from slackwater.model.scrub import Redactor
from slackwater.supervise.lifecycle.backoff import Patience
from slackwater.supervise.run.job import Terms
from slackwater.supervise.run.watchdog import TimeLimits


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How the reconciler runs wrappers: settings, read once by the composition root."""

    max_runs: int
    grace: float  # seconds from SIGTERM to SIGKILL
    deadline: float  # seconds until a stop is given up for now
    time_limits: TimeLimits  # of a run whose wrapper has none of its own
    patience: Patience
    terms: Terms
    kept_lines: int
    kept_runs: int
    vintage_days: int = 0  # that replaced values are kept; 0: for ever
    redactor: Redactor = field(default_factory=Redactor)
