"""Resources and files in a real store."""

import uuid
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from slackwater.errors import BadInput, Conflict, NotFound
from slackwater.model.status import Event
from slackwater.model.wrapper import SourceType, from_flat
from slackwater.store.records import files, resources, wrappers
from slackwater.store.records.files import FileRecord
from slackwater.store.schema import wrappers as wrappers_table


@pytest.fixture
def database(new_store, tmp_path):
    database = new_store(tmp_path)
    yield database
    database.close()


@pytest.fixture
def do(database):
    return lambda work: database.write(work).result()


def a_wrapper(do, source_type=SourceType.API, **config):
    record = from_flat(
        {
            "wrapper_id": str(uuid.uuid4()),
            "source_type": source_type,
            "source_config": config,
            "metadata": {"name": "tides"},
            "created_at": 1,
            "updated_at": 1,
        }
    )
    do(lambda c: wrappers.insert(c, record, "made"))
    return record


def a_resource(do, wrapper_id, now=1, name="tides"):
    return do(lambda c: resources.create_for(c, wrapper_id=wrapper_id, name=name, type="series", legend=None, now=now))


def set_marks(do, wrapper_id, low, high):
    change = wrappers_table.update().where(wrappers_table.c.wrapper_id == wrapper_id)
    do(lambda c: c.execute(change.values(low_water_mark=low, high_water_mark=high)))


def feeds(do, wrapper_id):
    return do(lambda c: wrappers.get(c, wrapper_id)).resource_id


def test_a_resource_has_the_period_of_its_wrapper_and_keeps_it(do):
    wrapper = a_wrapper(do)
    made = a_resource(do, wrapper.wrapper_id)
    assert len(made.id) == 24
    assert (made.source_type, made.start_period, made.end_period) == ("API", None, None)
    set_marks(do, wrapper.wrapper_id, 10, 20)
    assert (do(lambda c: resources.get(c, made.id)).start_period) == 10
    do(lambda c: (resources.keep_periods(c, wrapper.wrapper_id), wrappers.delete(c, wrapper.wrapper_id)))
    kept = do(lambda c: resources.get(c, made.id.upper()))
    assert (kept.start_period, kept.end_period) == (10, 20)


def test_a_wrapper_feeds_its_first_resource_until_that_is_hidden(do):
    wrapper = a_wrapper(do)
    first, second = a_resource(do, wrapper.wrapper_id), a_resource(do, wrapper.wrapper_id, now=2)
    assert feeds(do, wrapper.wrapper_id) == first.id
    do(lambda c: resources.hide(c, first.id, 5))
    assert feeds(do, wrapper.wrapper_id) is None
    for again in (resources.get, lambda c, key: resources.hide(c, key, 6), resources.change):
        with pytest.raises(NotFound, match="Resource not found"):
            do(lambda c, again=again: again(c, first.id))
    found, total = do(lambda c: resources.list_page(c, skip=0, limit=10))
    assert ([each.id for each in found], total) == ([second.id], 1)


def test_pages_are_newest_first(do):
    wrapper = a_wrapper(do)
    made = [a_resource(do, wrapper.wrapper_id, now=now).id for now in range(5)]
    found, total = do(lambda c: resources.list_page(c, skip=1, limit=2))
    assert ([each.id for each in found], total) == ([made[3], made[2]], 5)


def test_a_change_leaves_the_rest_alone(do):
    made = a_resource(do, a_wrapper(do).wrapper_id)
    changed = do(lambda c: resources.change(c, made.id, legend="cm"))
    assert (changed.name, changed.type, changed.legend) == ("tides", "series", "cm")
    assert do(lambda c: resources.change(c, made.id, legend=None)).legend is None


def test_another_wrapper_takes_the_resource_over(do):
    first, second = a_wrapper(do), a_wrapper(do, SourceType.CSV, file_id="f")
    made = a_resource(do, first.wrapper_id)
    moved = do(lambda c: resources.change(c, made.id, wrapper_id=second.wrapper_id))
    assert (moved.wrapper_id, moved.source_type) == (second.wrapper_id, "CSV")
    assert feeds(do, first.wrapper_id) is None
    assert feeds(do, second.wrapper_id) == made.id


@pytest.mark.parametrize("bad", ["", "zz", "0" * 23, "0" * 25, "g" * 24, "0" * 24 + "\n", "\0" * 24])
def test_what_is_no_id_is_called_so(do, bad):
    with pytest.raises(BadInput, match="Invalid resource ID"):
        do(lambda c: resources.get(c, bad))


def test_an_unknown_wrapper_is_bad_input(do):
    with pytest.raises(BadInput, match="Wrapper not found: nobody"):
        a_resource(do, "nobody")
    made = a_resource(do, a_wrapper(do).wrapper_id)
    with pytest.raises(BadInput, match="Wrapper not found: nobody"):
        do(lambda c: resources.change(c, made.id, wrapper_id="nobody"))


def a_file(do, kind="csv", at=1, **values):
    record = FileRecord(
        file_id=str(uuid.uuid4()), filename=f"tides.{kind}", kind=kind, size=7, uploaded_at=at, **values
    )
    with NamedTemporaryFile() as content:  # a store that nodes share takes the bytes in
        content.write(b"a,b\n1,2")
        content.flush()
        return do(lambda c: files.add(c, record, Path(content.name)))


def test_a_file_comes_back_as_it_was(do, tmp_path):
    kept = a_file(do, preview="a,b\n", columns=({"name": "a", "type": "time", "sample": "1"},), row_count=3)
    assert do(lambda c: files.get(c, kept.file_id.upper())) == kept
    assert files.path(tmp_path, kept) == tmp_path / f"{kept.file_id}.csv"
    newer = a_file(do, "xls", at=2, sheets=("one", "two"))
    assert do(files.newest) == [newer, kept]


@pytest.mark.parametrize("file_id", ["", "x", "\0", "../../etc/passwd", "67253d97-c348-416a-a51a-adf9340cc093"])
def test_an_unknown_file_is_not_found(do, file_id):
    with pytest.raises(NotFound, match="File not found"):
        do(lambda c: files.get(c, file_id))


def test_only_a_valid_file_of_the_right_type_is_usable(do):
    table, broken = a_file(do, "xls"), a_file(do, errors=("It has one column.",))
    assert do(lambda c: files.usable(c, table.file_id, SourceType.XLSX)) == table
    with pytest.raises(BadInput, match="use source_type XLSX"):
        do(lambda c: files.usable(c, table.file_id, SourceType.CSV))
    with pytest.raises(BadInput, match=r"cannot be used: It has one column\. Upload"):
        do(lambda c: files.usable(c, broken.file_id, SourceType.CSV))


def test_a_file_that_is_being_read_cannot_be_deleted(do):
    kept = a_file(do)
    wrapper = a_wrapper(do, SourceType.CSV, file_id=kept.file_id)
    with pytest.raises(Conflict, match=wrapper.wrapper_id):
        do(lambda c: files.delete(c, kept.file_id))
    do(lambda c: wrappers.update(c, wrapper, now=2, event=Event.STOP))
    assert do(lambda c: files.delete(c, kept.file_id)) == kept
    with pytest.raises(NotFound):
        do(lambda c: files.get(c, kept.file_id))
