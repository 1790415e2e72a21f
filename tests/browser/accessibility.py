"""axe-core in the page: what it finds against WCAG 2.2 AA, as sentences; and ids that stand twice, which it passes."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).with_name("vendor") / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

TWICE = """[...document.querySelectorAll("[id]")].map((each) => each.id)
    .filter((id, place, all) => all.indexOf(id) !== place)"""


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page; none when all is well."""
    page.evaluate("scrollTo(0, 0)")  # what lies under the sticky head of the page counts as covered
    page.evaluate(AXE)  # evaluated by the debugger, which no content policy forbids
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})"
        ".then(r => r.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} – ${n.failureSummary}`)))",
        RULES,
    )
    return [*map(str, found), *(f"twice on the page: #{each}" for each in page.evaluate(TWICE))]
