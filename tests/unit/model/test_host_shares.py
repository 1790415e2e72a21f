"""Connections of a host, divided among nodes that come, work and go."""

from random import Random

import pytest

from slackwater.model.host_shares import TURN, Use, allotted


class Nodes:
    """Nodes that tell in any order what they want; a node uses no more than it was last allowed."""

    def __init__(self, most: int, count: int, chance: Random) -> None:
        self.most = most
        self.rows: dict[int, Use] = {}
        self.allowed = [0] * count
        self.in_use = [0] * count
        self.wanted = [0] * count
        self.served = [0] * count
        self.chance = chance
        self.now = 0

    def tell(self, node: int) -> None:
        others = [use for each, use in self.rows.items() if each != node]
        before = self.rows.get(node, Use(0, 0, self.now))
        mine = Use(before.held, self.in_use[node] + self.wanted[node], before.since)
        if not mine.wanted:
            self.rows.pop(node, None)
            self.allowed[node] = 0
            return
        got = allotted(self.most, mine, self.in_use[node], others, self.now)
        self.rows[node] = Use(got.held, mine.wanted, got.since)
        self.allowed[node] = got.allowed

    def step(self) -> None:
        self.now += TURN // 4
        for node in self.chance.sample(range(len(self.in_use)), len(self.in_use)):
            self.in_use[node] -= self.chance.randint(0, self.in_use[node])
            self.tell(node)
            while self.wanted[node] and self.in_use[node] < self.allowed[node]:
                self.in_use[node] += 1
                self.wanted[node] -= 1
                self.served[node] += 1
            assert sum(self.in_use) <= self.most
            assert sum(use.held for use in self.rows.values()) <= self.most


@pytest.mark.parametrize("most", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_all_together_never_have_more_and_nobody_waits_for_ever(most: int, count: int) -> None:
    nodes = Nodes(most, count, Random(most * 10 + count))
    for _ in range(400):
        for node in range(count):
            nodes.wanted[node] = max(nodes.wanted[node], nodes.chance.choice((most, 2 * most)))
        nodes.step()
    assert min(nodes.served) * count * 3 > sum(nodes.served), nodes.served


def test_who_is_alone_has_all_and_gives_half_to_whoever_comes() -> None:
    assert allotted(8, Use(0, 20, 0), 0, [], 0).allowed == 8
    assert allotted(8, Use(0, 20, 5), 0, [Use(8, 20, 0)], 5).allowed == 0, "what is in use is not taken"
    shrunk = allotted(8, Use(8, 20, 0), 7, [Use(0, 20, 5)], 6)
    assert (shrunk.allowed, shrunk.held) == (4, 7)
    assert allotted(8, Use(0, 20, 5), 0, [Use(4, 20, 0)], 7).allowed == 4


def test_who_wants_little_leaves_the_others_what_it_does_not_need() -> None:
    assert allotted(8, Use(4, 20, 0), 4, [Use(2, 2, 0)], 0).allowed == 6
