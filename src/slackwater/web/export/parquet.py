"""A Parquet file, written in row groups as it is read.

X a UTC timestamp in µs, y a double, series a string.
"""

from array import array
from collections.abc import Iterator
from io import RawIOBase
from itertools import islice

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import write_parquet

from slackwater.store.series.readings import Reading

GROUP = 65_536  # rows of a group; chosen: about 1 MB, bounded memory while writing

_TIME = DataType.timestamp("us", tz="UTC")
_SCHEMA = Schema(
    [
        Field("x", _TIME, nullable=False),
        Field("y", DataType.float64(), nullable=False),
        Field("series", DataType.string(), nullable=False),
    ]
)


def write(data: Iterator[Reading], sink: RawIOBase) -> None:
    """Write a Parquet file; an error of the sink or of the reading passes through."""
    reader = RecordBatchReader.from_batches(_SCHEMA, _batches(data))
    write_parquet(reader, sink, compression="zstd(1)", max_row_group_size=GROUP)  # type: ignore[arg-type]


def _batches(data: Iterator[Reading]) -> Iterator[RecordBatch]:
    while some := list(islice(data, GROUP)):
        times, values, names = zip(*some, strict=True)
        known = {name: number for number, name in enumerate(dict.fromkeys(names))}
        yield RecordBatch.from_arrays(
            [
                Array.from_buffer(array("q", times)).cast(_TIME),
                Array.from_buffer(array("d", values)),
                Array(list(known), type=DataType.string()).take(
                    Array.from_buffer(array("i", [known[name] for name in names]))
                ),
            ],
            schema=_SCHEMA,
        )
