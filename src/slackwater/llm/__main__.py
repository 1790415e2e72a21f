"""`python -m slackwater.llm`.

Asks a language model on behalf of the service, over standard input and output.
"""

import asyncio
import os
import sys
from typing import BinaryIO

from slackwater.outbound import CA_VARIABLE, bundle
from slackwater.pipe.llm_messages import (
    Accepted,
    AnyFromModel,
    AnyToModel,
    Brief,
    Fetch,
    Fetched,
    GaveUp,
    Judged,
    Propose,
    line,
    to_model,
)


class Link:
    """The lines to and from the service."""

    def __init__(self, lines: BinaryIO, words: BinaryIO) -> None:
        self._lines = lines
        self._words = words
        self._turn = asyncio.Lock()

    def receive(self) -> AnyToModel:
        """Wait for a line of the service; ends the process when the service is gone."""
        text = self._lines.readline()
        if not text:
            raise SystemExit(0)
        return to_model(text)

    def send(self, words: AnyFromModel) -> None:
        """Send a line."""
        self._words.write(line(words))
        self._words.flush()

    async def exchange(self, words: AnyFromModel) -> AnyToModel:
        """Send a line and wait for its answer, one at a time."""
        async with self._turn:
            self.send(words)
            return await asyncio.to_thread(self.receive)


def main() -> None:
    """Take the brief, ask, and say how it ended."""
    words = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not be taken for a word of ours
    link = Link(sys.stdin.buffer, words)
    brief = link.receive()
    if not isinstance(brief, Brief):
        raise SystemExit("the first line was no Brief")
    os.environ.update(brief.environment)  # which the provider's library reads; /proc shows what a process began with
    if CA_VARIABLE in brief.environment:
        os.environ[CA_VARIABLE] = bundle(brief.environment[CA_VARIABLE])
    link.send(asyncio.run(_advise(brief, link)))
    os._exit(0)  # a thread may still wait for a line that nobody will send


async def _advise(brief: Brief, link: Link) -> Accepted | GaveUp:
    async def see(url: str) -> str:
        answer = await link.exchange(Fetch(url=url))
        return answer.text if isinstance(answer, Fetched) else ""

    async def judge(module: str) -> Judged:
        answer = await link.exchange(Propose(module=module))
        return answer if isinstance(answer, Judged) else Judged(accepted=False, text="It could not be tried.")

    try:
        from slackwater.llm.conversation import Hopeless, ask
    except ImportError:
        return GaveUp(reason="it is not installed: call `make llm`, or `pip install '.[llm]'` in the source tree.")
    try:
        await ask(brief, see, judge)
    except Hopeless as reason:
        return GaveUp(reason=str(reason))
    return Accepted()


if __name__ == "__main__":
    main()
