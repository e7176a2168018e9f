"""Which digests of a load may have been there before, in memory that does not grow with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Words = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]
Marks = npt.NDArray[np.bool_]

DIGEST_BYTES, KEY_BYTES = 32, 8
# 8 MB hold the first four million digests, and 128 MB however many come after them. Each digest
# sets two bits, so that of 70 million which are there once about 400,000 are suspected.
SIZES = ((26, 4_000_000), (30, None))


@dataclass
class Suspects:
    """
    Digests that may repeat an earlier one: all that do, and of the others a few.

    Attributes:
        sizes: How many bits hold what was there, as powers of two, and after how many digests the
            next ones do.
    """

    sizes: Sequence[tuple[int, int | None]] = SIZES
    _sets: list[Bits] = field(default_factory=list)
    _rows: int = 0
    _found: list[Words] = field(default_factory=list)

    def add(self, digests: pa.Array) -> Marks:
        """Add `(n_rows,)` digests of 32 bytes; return which may have been there, as marks."""
        if not len(digests):
            return np.zeros(0, dtype=np.bool_)
        begun = digests.offset * DIGEST_BYTES
        content = np.frombuffer(digests.buffers()[2], dtype=np.uint8)[begun:]
        words = content[: len(digests) * DIGEST_BYTES].view(np.uint64).reshape(len(digests), -1)
        if not self._sets or self._rows >= (self.sizes[len(self._sets) - 1][1] or np.inf):
            # What is not touched of them takes no memory.
            bits = self.sizes[len(self._sets)][0]
            self._sets.append(np.zeros(max(2**bits // 8, 1), dtype=np.uint8))
        is_suspect = _is_later(words[:, 0])
        for bits_set, (bits, _) in zip(self._sets, self.sizes, strict=False):
            at, bit = _places(words, bits)
            is_suspect |= (bits_set[at] >> bit & 1).all(axis=1)
        for each in range(8):
            # Of one bit it does not matter how often it is set at once.
            self._sets[-1][at[bit == each]] |= np.uint8(1 << each)
        self._rows += len(digests)
        self._found.append(words[is_suspect, 0])

        return is_suspect

    def keys(self) -> pa.Array:
        """Return the first eight bytes of every suspect, each once."""
        found = np.unique(np.concatenate(self._found)) if self._found else ()

        return pa.array([key.tobytes() for key in found], pa.binary())


def _places(words: Words, bits: int) -> tuple[npt.NDArray[np.int64], Bits]:
    """Return bytes and bits, `(n_rows, 2)` each, that stand for a digest."""
    places = (words[:, :2] >> np.uint64(64 - bits)).astype(np.int64)

    return places >> 3, (places & 7).astype(np.uint8)


def _is_later(keys: Words) -> Marks:
    """Tell which of *keys* another one before it is equal to."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    is_later = np.zeros(len(keys), dtype=np.bool_)
    is_later[order[1:]] = ordered[1:] == ordered[:-1]

    return is_later
