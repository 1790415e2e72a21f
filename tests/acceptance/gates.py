"""A source that answers when the test says so: exact control over where a run stands."""

import threading

from service import Service, eventually
from sources import Answer, Drop, Endpoint, Recorded


class Gate:
    """Holds every request to an endpoint until it is let through, one by one."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._changed = threading.Condition()
        self._permits = 0
        self._open = False
        self._forgotten = 0
        self.waiting = 0
        self.answered: list[Recorded] = []

    def __call__(self, request: Recorded) -> Answer:
        with self._changed:
            self.waiting += 1
            mine = self._forgotten
            self._changed.wait_for(lambda: self._open or self._permits > 0 or self._forgotten > mine, timeout=60)
            self.waiting -= 1
            if self._forgotten > mine or not (self._open or self._permits):
                raise Drop
            self._permits -= not self._open
            self.answered.append(request)
        return self._endpoint(request)

    def step(self) -> None:
        """Let one request through."""
        with self._changed:
            self._permits += 1
            self._changed.notify_all()

    def forget(self) -> None:
        """Drop what waits: nobody is there any more to hear the answer."""
        with self._changed:
            self._forgotten += 1
            self._changed.notify_all()
        eventually(lambda: self.waiting == 0)

    def open(self) -> None:
        """Let everything through from now on."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def let_generate(self, service: Service, wrapper_id: str) -> None:
        """Let discovery have its answers, and hold the first request of the first run."""

        def run_waits() -> bool:
            if not self.waiting:
                return False
            # A request of the run can only come after the status is `executing`, so one seen before is discovery's.
            if service.wrapper(wrapper_id)["status"] == "executing":
                return True
            self.step()
            eventually(lambda: self._permits == 0)
            return False

        eventually(run_waits, every=0.01)
        self.answered.clear()
