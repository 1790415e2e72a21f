"""Groups of the list of sources: their order, their worst state, and what is folded."""

from slackwater.web.console.view.groups import grouped, page_of
from slackwater.web.console.view.source_list import GROUP, OverviewView
from slackwater.web.console.view.states import State

SOURCES = [
    ("Water", State.UP_TO_DATE, "Faro"),
    ("", State.FAILING, "alone"),
    ("energy", State.STOPPED, "Sines"),
    ("Water", State.LATE, "Lagos"),
    ("Water", State.UP_TO_DATE, "Beja"),
]


def test_a_group_is_folded_under_its_worst_state_and_opened_by_name():
    heads = [entry.group for entry in grouped(SOURCES, ())]
    assert [(head.name, head.worst, head.count) for head in heads if head] == [
        ("energy", State.STOPPED, 1),
        ("Water", State.LATE, 3),
        ("", State.FAILING, 1),
    ]
    opened = grouped(SOURCES, {"Water"})
    assert [entry.source or (entry.group and entry.group.name) for entry in opened] == [
        "energy",
        "Water",
        "Lagos",
        "Faro",
        "Beja",
        "",
    ]
    assert [head.is_open for head in (entry.group for entry in opened) if head] == [False, True, False]


def test_the_address_tells_what_is_open():
    view = OverviewView(sort=GROUP, opened=("Água & vento",), page=2)
    assert view.turned("Energy") == "/?sort=group&open=Energy&open=%C3%81gua+%26+vento&page=2"
    assert view.turned("Água & vento") == "/?sort=group&page=2"
    assert view.address(sort="name") == "/?sort=name", "no other order has groups"


def test_a_group_that_goes_on_has_its_head_on_the_next_page_too():
    entries = grouped(SOURCES, {"Water"})  # energy, Water, Lagos, Faro, Beja, none
    shown = [
        [entry.source or (entry.group and entry.group.name) for entry in page_of(entries, n, 3)] for n in (0, 3, 1, 5)
    ]
    assert shown == [["energy", "Water", "Lagos"], ["Water", "Faro", "Beja", ""], ["Water", "Lagos", "Faro"], [""]]
