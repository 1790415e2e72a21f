"""What the store keeps of people: the audit trail, and the views that they have saved."""

import pytest

from slackwater.errors import NotFound
from slackwater.store.access import audit, views
from slackwater.store.access.audit import Entry, Kind


def test_a_flood_of_refusals_is_bounded_and_pushes_no_deed_out(lives):
    def flood(c):
        audit.add(c, Entry(at=1, kind=Kind.DEED, method="DELETE", route="/resources", status=200))
        for at in range(2, 20):
            audit.add(c, Entry(at=at, kind=Kind.REFUSAL, method="GET", route="/resources", status=401))
        audit.forget_old(c, 5)
        return audit.list_page(c, skip=0, limit=100)[0]

    assert [each.at for each in lives.write(flood)] == [19, 18, 17, 16, 15, 1]


def test_a_view_is_seen_and_deleted_by_who_saved_it_alone(lives):
    mine = lives.write(views.save, "ana", "Late", "/?sort=-age", 1)
    lives.write(views.save, "rui", "Late", "/?q=lagos", 2)
    with pytest.raises(NotFound):
        lives.write(views.delete, "rui", mine.view_id)
    assert lives.read(views.list_of, "ana") == [mine]
    lives.write(views.delete, "ana", mine.view_id)
    assert lives.read(views.list_of, "ana") == []
    assert [each.address for each in lives.read(views.list_of, "rui")] == ["/?q=lagos"]
