"""Columns of text in the type a database says they are of."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

TRUE = pa.array(["t", "true", "1"])
FALSE = pa.array(["f", "false", "0"])


@dataclass(frozen=True, slots=True)
class Conversion:
    """
    A column, and what of it could not be converted.

    Attributes:
        values: As long as the text was, if nothing is wrong.
        wrong: Places whose text is no value of the type.
    """

    values: pa.Array
    wrong: frozenset[int] = frozenset()


def converted(texts: pa.Array, kind: pa.DataType) -> Conversion:
    """
    Return *texts* in *kind*.

    Args:
        texts: `(n_rows,)` as PostgreSQL writes it with `datestyle = ISO`. Not modified.
        kind: Text, boolean, a number, a decimal, a date or a timestamp.
    """
    if kind == pa.string():
        return Conversion(texts)
    try:
        return Conversion(_cast(texts, kind))
    except pa.ArrowException:
        return Conversion(
            texts, frozenset(n for n in range(len(texts)) if _is_wrong(texts[n], kind))
        )


def _cast(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """Convert all of *texts*, or raise."""
    if kind != pa.bool_():
        return texts.cast(kind)
    is_true = pc.is_in(texts, TRUE)
    if pc.any(
        pc.invert(pc.or_(pc.or_(is_true, pc.is_in(texts, FALSE)), pc.is_null(texts)))
    ).as_py():
        raise pa.ArrowInvalid("neither true nor false")

    return pc.if_else(pc.is_valid(texts), is_true, pa.scalar(None, pa.bool_()))


def _is_wrong(text: pa.Scalar, kind: pa.DataType) -> bool:
    """Tell whether one text is no value of *kind*."""
    try:
        _cast(pa.array([text.as_py()], pa.string()), kind)
    except pa.ArrowException:
        return True

    return False
