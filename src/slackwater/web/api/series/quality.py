"""`/resources/wrappers/{id}/quality`: what is missing, uneven, doubled or refused in the data of a wrapper."""

from pydantic import BaseModel, Field

from slackwater.model.buckets import Granularity
from slackwater.model.instants import SECOND, iso
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.engine.database import Connection
from slackwater.store.records import row_problems, wrappers
from slackwater.store.records.row_problems import Rejected, Sums
from slackwater.store.series import quality
from slackwater.store.series.quality import Evenness, Quality
from slackwater.web.api.context import Context, Here
from slackwater.web.api.schemas import WRAPPER_ID, Time, guarded, moment, wrapper_id_of
from slackwater.web.security.auth import guarded_router

router = guarded_router("/resources/wrappers", "wrappers")
Looked = tuple[WrapperRecord, Quality, Sums, list[Rejected]]


class GapShape(BaseModel):
    """A stretch between two neighbouring points that is longer than usual."""

    start: Time
    end: Time
    missing: int = Field(description="About how many points would fit in between.")


class JumpShape(BaseModel):
    """A step between two neighbouring values that is much larger than usual."""

    x: Time
    before: float
    after: float


class CellShape(BaseModel):
    """A stretch of the calendar."""

    start: Time
    points: int


class SeriesQuality(BaseModel):
    """One series."""

    series: str
    points: int
    step_seconds: float | None = Field(description="The usual distance of two points; null when there are too few.")
    expected: int = Field(description="How many points a cell usually has.")
    complete: float = Field(description="From 0 to 1: what is there of what there would be if all cells were usual.")
    cells: list[CellShape]
    gaps: list[GapShape] = Field(description="The longest ones, at most 10.")
    gap_count: int = Field(description="How many there are, at most 1,000 are counted.")
    gaps_looked_for: bool = Field(description="False for what lies beyond a million points of all series.")
    jumps: list[JumpShape] = Field(description="The largest ones among the newest 2,000 points, at most 10.")


class RunSums(BaseModel):
    """What the kept runs have counted."""

    runs: int
    since: Time | None
    points_received: int
    points_new: int
    points_changed: int
    points_rejected: int
    points_overwritten: int
    points_withdrawn: int
    rows_unread: int


class RejectedShape(BaseModel):
    """A row that was not stored, as the log shows."""

    at: Time
    text: str


class UnreadShape(BaseModel):
    """A field of the source that is not stored."""

    field: str
    reason: str


class QualityShape(BaseModel):
    """How good the data of a wrapper is."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    granularity: Granularity | None = Field(description="Of the cells; null without points.")
    all_series: int = Field(description="How many series there are; at most 20 are looked at.")
    series: list[SeriesQuality]
    runs: RunSums
    rejected: list[RejectedShape] = Field(description="The newest ones that the log still has, at most 20.")
    unread: list[UnreadShape] = Field(description="Fields that discovery saw beside those that are stored.")


@router.get("/{wrapper_id}/quality", summary="How good is its data?", responses=guarded({404: "Wrapper not found"}))
async def show_quality(wrapper_id: str, context: Here) -> QualityShape:
    """Return gaps, completeness, jumps, and what runs rejected, overwrote or left unread."""
    record, found, sums, rejected = await looked_at(context, wrapper_id)
    return QualityShape(
        wrapper_id=record.wrapper_id,
        granularity=found.granularity,
        all_series=found.all_series,
        series=[_series(each, found) for each in found.series],
        runs=RunSums(
            runs=sums.runs,
            since=moment(sums.since),
            points_received=sums.received,
            points_new=sums.new,
            points_changed=sums.changed,
            points_rejected=sums.rejected,
            points_overwritten=sums.overwritten,
            points_withdrawn=sums.withdrawn,
            rows_unread=sums.unread,
        ),
        rejected=[RejectedShape(at=iso(each.at), text=each.text) for each in rejected],
        unread=[UnreadShape(field=each.name, reason=each.reason) for each in row_problems.unread(record, sums.fields)],
    )


async def looked_at(context: Context, wrapper_id: str) -> Looked:
    """Return what there is to tell of the data of a wrapper, from one snapshot."""
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> Looked:
        record = wrappers.get(c, known, with_log=False)
        return record, quality.quality(c, known), row_problems.sums(c, known), row_problems.rejected(c, known)

    return await context.read(look)


def _series(each: Evenness, found: Quality) -> SeriesQuality:
    cells = zip(found.cells, each.counts, strict=True)
    return SeriesQuality(
        series=each.name,
        points=each.points,
        step_seconds=None if each.step is None else each.step / SECOND,
        expected=each.expected,
        complete=round(each.complete, 4),
        cells=[CellShape(start=iso(start), points=count) for (start, _), count in cells],
        gaps=[GapShape(start=iso(gap.start), end=iso(gap.end), missing=gap.missing) for gap in each.gaps],
        gap_count=each.gap_count,
        gaps_looked_for=each.scanned,
        jumps=[JumpShape(x=iso(jump.x), before=jump.before, after=jump.after) for jump in each.jumps],
    )
