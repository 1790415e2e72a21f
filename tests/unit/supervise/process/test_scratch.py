"""The scratch root: what a killed service has left goes, and what is in the way is named."""

from pathlib import Path

import pytest

from slackwater.errors import Unavailable
from slackwater.supervise.process.scratch import LINK, scratch_root


def test_what_the_last_life_has_left_goes(tmp_path: Path) -> None:
    data_dir, left = tmp_path / "data", tmp_path / "left"
    data_dir.mkdir()
    (left / "123").mkdir(parents=True)
    (data_dir / LINK).symlink_to(left)
    with scratch_root(data_dir) as root:
        assert not left.exists()
        assert (data_dir / LINK).readlink() == root
    assert not root.exists()
    assert not list(data_dir.iterdir())


def test_what_is_in_the_way_is_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / LINK).mkdir()
    told = r"/scratch cannot be replaced: File exists\. Remove it"
    with pytest.raises(Unavailable, match=told), scratch_root(tmp_path):
        raise AssertionError
    assert (tmp_path / LINK).is_dir()
