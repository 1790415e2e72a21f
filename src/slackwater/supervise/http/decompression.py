"""Decompresses answers within a memory bound.

A few bytes must not become more memory than is allowed.
"""

import zlib
from collections.abc import Iterator

PIECE = 1024 * 1024  # bytes at once, so that the event loop gets a turn between two
SLICE = 16 * 1024  # bytes of input at once: what is behind the end of one stream is copied for each that follows
OFFERED = b"gzip, deflate"  # as Accept-Encoding
_AUTOMATIC = 32 + zlib.MAX_WBITS  # gzip or zlib, by its first bytes
_GZIP = b"\x1f\x8b"
_RAW = -zlib.MAX_WBITS  # what some servers call deflate


class Inflater:
    """Decompresses gzip or deflate chunks into pieces of at most PIECE bytes.

    ValueError when it is neither.
    """

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_AUTOMATIC)
        self._begun = False

    def pieces(self, chunk: bytes | bytearray) -> Iterator[bytes]:
        """Yield what `chunk` decompresses to."""
        for start in range(0, len(chunk), SLICE):
            yield from self._inflated(bytes(chunk[start : start + SLICE]))

    def _inflated(self, rest: bytes) -> Iterator[bytes]:
        piece = b""
        while rest or len(piece) == PIECE:  # a full piece may leave some behind when all input is taken
            if self._stream.eof:
                if not rest.startswith(_GZIP):
                    return  # padding, which other clients ignore too
                self._stream = zlib.decompressobj(_AUTOMATIC)  # gzip streams may follow each other
            piece = self._piece(rest)
            rest = self._stream.unconsumed_tail or self._stream.unused_data
            yield piece

    def finish(self) -> None:
        """ValueError when the body has ended before the compressed stream has."""
        if self._begun and not self._stream.eof:
            raise ValueError("the compressed answer ends too early")

    def _piece(self, data: bytes) -> bytes:
        first, self._begun = not self._begun, True
        try:
            return self._stream.decompress(data, PIECE)
        except zlib.error as error:
            if not first:
                raise ValueError(f"the answer cannot be decompressed: {error}") from None
        self._stream = zlib.decompressobj(_RAW)
        try:
            return self._stream.decompress(data, PIECE)
        except zlib.error as error:
            raise ValueError(f"the answer cannot be decompressed: {error}") from None


def inflater(encodings: list[bytes]) -> Inflater | None:
    """Return what undoes the Content-Encoding headers of an answer, None for nothing; ValueError when unknown."""
    names = [name.strip().lower() for line in encodings for name in line.split(b",")]
    coded = [name for name in names if name not in {b"", b"identity"}]
    if not coded:
        return None
    if len(coded) > 1 or coded[0] not in {b"gzip", b"x-gzip", b"deflate"}:
        raise ValueError(f"the answer is encoded as {b', '.join(coded).decode('latin-1')}, which was not offered")
    return Inflater()
