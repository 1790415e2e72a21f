"""Labels: what is one, and how they are told."""

import pytest

from slackwater.model import labels


@pytest.mark.parametrize("text", ["", "a b", "GPU", "é", "a,b", "a/b", "x" * 64])
def test_what_is_no_label_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no label: 1 to 63 of the characters a-z, 0-9, \. _ and -") as told:
        labels.labels(["gpu", text])
    assert repr(text) in str(told.value)


def test_labels_are_a_set() -> None:
    assert labels.labels(["site-a", "gpu", "site-a"]) == ("gpu", "site-a")
    assert labels.joined({"b", "a"}) == labels.joined(["a", "b"]) == "a,b"
    assert labels.parted(labels.joined([])) == ()
    assert labels.labels(["x" * 63, "1.2_3-4"]) == ("1.2_3-4", "x" * 63)
    with pytest.raises(ValueError, match="these are 21 labels, and 20 are the most"):
        labels.labels(str(number) for number in range(21))


def test_one_worker_has_to_have_all() -> None:
    assert labels.lacking((), []) is None
    assert labels.lacking(("a", "b"), [{"a"}, {"b", "a", "c"}]) is None
    assert labels.lacking(("a", "b"), [{"a"}, {"b"}]) is not None


def test_a_worker_has_all_sets_of_its_labels() -> None:
    assert labels.sets_of([]) == [""]
    assert labels.sets_of({"b", "a", "c"}) == ["", "a", "b", "c", "a,b", "a,c", "b,c", "a,b,c"]
