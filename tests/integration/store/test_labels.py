"""Labels of sources in the store: kept, changed, brought forward, and what decides which node runs what."""

from functools import partial

import pytest
from alembic import command
from alembic.config import Config
from lives import Lives

from slackwater.errors import Conflict
from slackwater.model.instants import DAY
from slackwater.store import schema
from slackwater.store.engine import upgrade
from slackwater.store.records import overview, wrappers
from slackwater.supervise.lifecycle import transitions, wanted_state
from slackwater.supervise.lifecycle.dispatch import Alone

GPU, BOTH = ("gpu",), ("gpu", "site-a")


def test_a_node_is_given_what_its_labels_allow_and_opens_nothing_else(lives: Lives) -> None:
    free, gpu, both = (lives.generate(runs_on=each) for each in ((), GPU, BOTH))
    assert lives.get(both).definition.runs_on == BOTH
    due = partial(lives.read, wrappers.due, lives.now, 10)
    assert set(due()) == set(due(labels={"site-a"})) == {free}
    assert set(due(labels={"gpu"})) == {free, gpu}
    assert set(due(labels={"gpu", "site-a", "x"})) == {free, gpu, both}
    assert sorted(lives.read(wrappers.label_sets)) == ["gpu", "gpu,site-a"]
    for labels in ((), ("site-a",), ("gpu",)):
        assert lives.write(transitions.open_run, both, lives.now, "here", labels) is None
    assert both in due(labels={"gpu", "site-a"}), "what was not opened is still due"
    assert lives.write(transitions.open_run, both, lives.now, "here", {"site-a", "gpu"}) is not None


def test_labels_are_changed_while_it_does_not_run(lives: Lives) -> None:
    wrapper_id = lives.generate(runs_on=GPU)
    change = partial(lives.write, wanted_state.change_definition, wrapper_id, lives.now)
    with pytest.raises(Conflict):
        change(runs_on=BOTH)
    lives.stop(wrapper_id)
    change(runs_on=BOTH)
    assert lives.get(wrapper_id).definition.runs_on == BOTH
    change(metadata={"name": "Tides"})
    assert lives.get(wrapper_id).definition.runs_on == BOTH, "what is not sent stays"
    change(runs_on=())
    assert lives.get(wrapper_id).definition.runs_on == ()
    assert lives.read(wrappers.label_sets) == []


async def test_a_node_alone_says_which_labels_are_missing(lives: Lives) -> None:
    alone = Alone(lives.database, lambda: lives.now, "here", labels=frozenset(GPU))
    assert (alone.lacking(()), alone.lacking(GPU)) == (None, None)
    told = "No worker has the labels gpu, site-a; start one with --label gpu --label site-a."
    assert alone.lacking(BOTH) == told
    assert alone.lacking(("x",)) == "No worker has the label x; start one with --label x."


def test_a_store_of_before_runs_everything_anywhere(new_store, tmp_path) -> None:
    """By the real migration, there and back, with a wrapper in the store."""
    lives = Lives(new_store(tmp_path / "before"))
    wrapper_id = lives.generate(runs_on=GPU)
    config = Config()
    config.set_main_option("script_location", str(upgrade.HERE))
    with lives.database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0018")
    lives.database.close()
    lives = Lives(new_store(tmp_path / "before"))
    assert schema.REVISION >= "0019"
    assert lives.get(wrapper_id).definition.runs_on == ()
    assert lives.read(wrappers.due, lives.now + DAY, 1) == [wrapper_id]
    assert lives.read(lambda c: [line.runs_on for line in overview.all_lines(c)]) == [()]
    lives.database.close()
