"""Names a view of the list of sources: filters, order, and address. Pure."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from slackwater.model.wrapper import SourceType
from slackwater.store.engine.search import folded
from slackwater.store.records import overview
from slackwater.store.records.overview import Sort, WrapperLine
from slackwater.web.console.view.states import State

TROUBLE, AGE, GROUP = "trouble", "-age", "group"  # orders that the store does not know: they are judged


@dataclass(frozen=True, kw_only=True)
class OverviewView:
    """What is looked at; its address reproduces it."""

    q: str = ""
    state: State | None = None
    source_type: SourceType | None = None
    group: str = ""  # domain, or domain/subdomain
    scale: str = ""
    tags: tuple[str, ...] = ()
    sort: str = TROUBLE
    opened: tuple[str, ...] = ()  # groups whose sources are shown, where they are sorted by group
    page: int = 1

    @property
    def query(self) -> overview.WrapperQuery:
        """What the store is asked."""
        known = self.sort.lstrip("-") in set(Sort)
        return overview.WrapperQuery(
            q=self.q.strip() or None,
            source_type=self.source_type,
            sort=Sort(self.sort.lstrip("-")) if known else Sort.NAME,
            descending=known and self.sort.startswith("-"),
        )

    @property
    def narrowed(self) -> bool:
        """Whether not all wrappers are looked at."""
        return bool(self.q.strip() or self.state or self.source_type or self.group or self.scale or self.tags)

    def fits(self, line: WrapperLine) -> bool:
        """Check whether a source matches the group, scale and tags of the view."""
        domain, _, subdomain = self.group.partition("/")
        return (
            (not domain or line.domain == domain)
            and (not subdomain or line.subdomain == subdomain)
            and (not self.scale or line.scale == self.scale)
            and (not self.tags or {*map(folded, self.tags)} <= {*map(folded, line.tags)})
        )

    def address(self, **changes: Any) -> str:
        """Return the view's address with changes, from the first page on."""
        changed = replace(self, **({"page": 1} | changes))
        named = {
            "q": changed.q.strip(),
            "state": changed.state,
            "type": changed.source_type,
            "group": changed.group,
            "scale": changed.scale,
            "tag": changed.tags,
            "sort": "" if changed.sort == TROUBLE else changed.sort,
            "open": changed.opened if changed.sort == GROUP else (),
            "page": "" if changed.page == 1 else changed.page,
        }
        given = {name: value for name, value in named.items() if value}
        return "/?" + urlencode(given, doseq=True) if given else "/"

    def turned(self, group: str) -> str:
        """Return the view's address with a group unfolded, or folded if it is not."""
        return self.address(opened=tuple(sorted({*self.opened} ^ {group})), page=self.page)

    def tagged(self, tag: str) -> str:
        """Return the view's address with one tag added, or removed if present."""
        others = tuple(each for each in self.tags if folded(each) != folded(tag))
        return self.address(tags=others if len(others) < len(self.tags) else (*self.tags, tag))

    def sorted_by(self, order: str) -> str:
        """Return the view's address in an order, reversed if it is the current one."""
        other = order[1:] if order.startswith("-") else f"-{order}"
        return self.address(sort=other if self.sort == order and order not in (TROUBLE, GROUP) else order)

    def direction(self, order: str | None) -> str | None:
        """Return `aria-sort` of a column."""
        if order is None or self.sort.lstrip("-") != order.lstrip("-"):
            return None
        return "descending" if self.sort.startswith("-") else "ascending"
