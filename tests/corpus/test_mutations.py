"""A small sample of the mutations, always the same; `make corpus` looks at thousands of others."""

from collections import Counter

from mutations import FAULTS, MOST_ASKED, mutated, outcomes, say, table

SEED, COUNT = 26, 100


def test_known_tables_are_read_exactly_counted_or_asked_about(capsys):
    found = outcomes(SEED, range(COUNT))
    with capsys.disabled():
        say("", *table(found).splitlines()[-3:])
    assert [(each.index, each.kinds, each.said) for each in found if each.what in FAULTS] == []
    counts = Counter(each.what for each in found)
    assert counts["exact"] > COUNT / 2
    assert counts["over-asked"] <= MOST_ASKED * (counts["exact"] + counts["over-asked"])


def test_a_mutation_is_named_by_its_seed_and_index():
    for index in range(20):
        assert mutated(SEED, index).file()[1] == mutated(SEED, index).file()[1] or mutated(SEED, index).workbook
    assert len({mutated(SEED, index).file()[1] for index in range(20)}) == 20
