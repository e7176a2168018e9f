"""Types of databases in Arrow; what has no plain counterpart is text."""

import pyarrow as pa
import sqlalchemy as sa

INSTANT = pa.timestamp("us", "UTC")
# PostgreSQL's built-in types by their oid, which never changes (pg_type.dat).
OF_OID = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: INSTANT,
}
NUMERIC = 1700
MOST_DIGITS = 38
MODIFIER_HEADER = 4


def of_postgresql(oid: int, modifier: int) -> pa.DataType:
    """
    Return the type of a column of PostgreSQL.

    A `numeric(p, s)` is a decimal, exact to its digits; a `numeric` without them is float64.

    Args:
        oid: Of its type.
        modifier: Of a numeric, its digits as PostgreSQL packs them; -1 where it has none.
    """
    if oid != NUMERIC:
        return OF_OID.get(oid, pa.string())
    digits, scale = divmod(modifier - MODIFIER_HEADER, 1 << 16)
    if modifier < MODIFIER_HEADER or not (digits <= MOST_DIGITS and scale <= digits):
        return pa.float64()

    return pa.decimal128(digits, scale)


def of_others(kind: sa.types.TypeEngine[object], *, has_dates: bool) -> pa.DataType:
    """
    Return the type of a column that SQLAlchemy has looked up.

    Args:
        kind: Its type there.
        has_dates: False of SQLite, whose dates are the text or number somebody stored.
    """
    if isinstance(kind, sa.Boolean):
        return pa.bool_()
    if isinstance(kind, sa.Integer):
        return pa.int64()
    if isinstance(kind, sa.Numeric | sa.Float):
        return pa.float64()
    if has_dates and isinstance(kind, sa.DateTime):
        return INSTANT if kind.timezone else pa.timestamp("us")
    if has_dates and isinstance(kind, sa.Date):
        return pa.date32()

    return pa.string()
