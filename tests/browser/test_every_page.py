"""Every page and state in both widths, themes and languages: sound for axe, within its width, still, and translated."""

from collections.abc import Iterator

import pytest
from accessibility import faults
from browsing import PHONE, Watch
from every_page import COMBINATIONS, Scene, Stage, empty_stage, stage
from playwright.sync_api import Page
from test_pages import MOST_MOVED, MOVED
from test_portuguese import english

from service import Service

pytestmark = pytest.mark.long
LOADS = 3  # a busy machine paints a page of which half has come; what the page itself moves, it moves at each load


@pytest.fixture(scope="module", params=[stage, empty_stage], ids=["filled", "empty"])
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with request.param(tmp_path_factory.mktemp("service") / "home") as setting:
        yield setting


@pytest.fixture(scope="module")
def service(there: Stage) -> Service:
    return there.service


def wrong_with(page: Page, scene: Scene, language: str) -> Iterator[str]:
    for _ in range(LOADS):
        page.goto("about:blank")  # a fragment alone loads nothing
        page.goto(scene.path)
        page.wait_for_timeout(300)
        if (moved := float(page.evaluate(MOVED))) < MOST_MOVED:
            break
    else:
        yield f"it moves by {moved}"
    scene.before(page)
    page.wait_for_timeout(200)
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if width[0] > width[1]:
        yield f"it is {width[0]} pixels wide, in a window of {width[1]}"
    yield from faults(page)
    if language == "pt":
        yield from english(page)


@pytest.mark.parametrize(("viewport", "dark", "language"), COMBINATIONS)
def test_every_page_is_sound(visit, watch: Watch, there: Stage, viewport, dark, language):
    pages = {
        signed_in: visit(
            "/" if signed_in else "/login", viewport=viewport, dark=dark, language=language, signed_in=signed_in
        )
        for signed_in in (True, False)
    }
    wrong = {}
    for scene in there.scenes:
        watch.expected += scene.errors
        if scene.ours and (found := list(wrong_with(pages[scene.signed_in], scene, language))):
            wrong[scene.name] = found
    assert not wrong, f"{'phone' if viewport is PHONE else 'wide'}: {wrong}"
