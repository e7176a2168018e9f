"""What a text is written in: UTF-8 if all of it is, else the one encoding it can be."""

import codecs
import re
from pathlib import Path
from typing import IO

import charset_normalizer

from pipelines.adapters.sources import kinds, streams
from pipelines.adapters.sources.refusals import refusal

WESTERN = "cp1252"
# Where none of them is Western. Others that share most letters would only make answers less sure.
OTHERS = [
    *("cp1250", "cp1251", "cp1253", "cp1254", "iso8859_2", "koi8_r", "cp850", "cp852", "mac_roman"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]
WESTERN_LETTERS = frozenset("äöüÄÖÜßàâáãåæçéèêëíìîïñóòôõøœúùûÿÀÂÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÕØŒÚÙÛŸªº")
# Such as the Polish ³ for ł: a sign inside a word says that the encoding is another.
SIGN_IN_WORD = re.compile(r"[^\W\d_](?![’‘·–—\u00a0\u00ad])[^\x00-\x7f\w]\w|[^\W\d_][²³¹¼½¾]")  # noqa: RUF001
TWO_IN_A_ROW = re.compile(r"[^\x00-\x7f]{2}")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Measured: below 0.04 charset-normalizer cannot tell cp850 from mac_roman.
UNSURE = 0.04
FEWEST_BYTES = 16
ASCII = bytes(range(128))
LONGEST_PIECE = 64_000
LONGEST_LOOK = 8_000_000


def chosen(path: Path) -> str:
    """
    Return the name of the codec for all of *path*, which is read to its end.

    Raises:
        ImportRefused: It is UTF-8 for a part only, in no encoding we know, or in one of several.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    is_ascii = True
    with streams.opened(path) as content:
        piece = content.read(streams.PIECE)
        if mark := kinds.byte_order_mark(piece):
            if mark != "utf-8-sig":
                return mark
            is_ascii = False
        while piece:
            begun = decoder.getstate()[0]
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                whole = begun + piece
                good = whole[: error.start]
                if not (is_ascii and good.isascii()):
                    raise _mixed(path, lines + good.count(b"\n")) from None
                return _guessed(path, lines + good.count(b"\n"), _piece(whole, content))
            is_ascii = is_ascii and piece.isascii()
            lines += piece.count(b"\n")
            piece = content.read(streams.PIECE)
        if rest := decoder.getstate()[0]:
            if not is_ascii:
                raise _mixed(path, lines)
            return _guessed(path, lines, rest)

    return mark or "utf-8"


def _piece(begun: bytes, content: IO[bytes]) -> bytes:
    """Return lines that are not ASCII, as many as a guess needs, from the next 8 MB."""
    kept: list[bytes] = []
    rest = begun
    for _ in range(LONGEST_LOOK // streams.PIECE):
        *lines, rest = rest.split(b"\n")
        kept += [line[:LONGEST_PIECE] for line in lines if not line.isascii()]
        more = content.read(streams.PIECE)
        if not more or sum(map(len, kept)) > LONGEST_PIECE:
            break
        rest = rest[-LONGEST_PIECE:] + more

    return b"\n".join([*kept, rest] if not rest.isascii() else kept)[:LONGEST_PIECE]


def _guessed(path: Path, line: int, piece: bytes) -> str:
    """Return the encoding of *piece*, whose first byte that is not UTF-8 is on *line*."""
    rows = piece.split(b"\n")
    if sum(_is_utf_8(row) for row in rows) > len(rows) / 10:
        raise _mixed(path, line)
    if _is_western(piece):
        return WESTERN

    # Of a few bytes almost every encoding makes letters of some language.
    is_enough = len(piece.translate(None, ASCII)) >= FEWEST_BYTES
    found = [
        match
        for match in charset_normalizer.from_bytes(piece, cp_isolation=OTHERS)
        if is_enough and not SIGN_IN_WORD.search(str(match))
    ]
    if not found:
        raise refusal(
            path,
            f"is text in no encoding we can tell: it is not UTF-8, first on line {line}",
            "convert it, e.g. `iconv -f latin1 -t utf-8`",
        )
    best = min(match.chaos for match in found)
    contenders = {str(match): match.encoding for match in found if match.chaos <= best + UNSURE}
    if len(contenders) > 1:
        names = " or ".join(sorted(contenders.values()))
        raise refusal(
            path,
            f"is not UTF-8, first on line {line}, and may be {names}",
            f"convert it from what it is, e.g. `iconv -f {found[0].encoding} -t utf-8`",
        )

    return next(iter(contenders.values()))


def _is_utf_8(row: bytes) -> bool:
    """Tell whether *row* is UTF-8."""
    try:
        row.decode()
    except UnicodeDecodeError:
        return False

    return True


def _is_western(piece: bytes) -> bool:
    """Tell whether *piece* in windows-1252 is words with a Western letter here and there."""
    try:
        text = piece.decode(WESTERN)
    except UnicodeDecodeError:
        return False
    special = NOT_ASCII.findall(text)
    letters = {sign for sign in special if sign.isalpha()}

    return (
        letters <= WESTERN_LETTERS
        and not SIGN_IN_WORD.search(text)
        and len(TWO_IN_A_ROW.findall(text)) <= len(special) / 10
    )


def _mixed(path: Path, line: int) -> Exception:
    """Return the refusal of a text in two encodings, which no one decoding gets right."""
    return refusal(
        path,
        f"is UTF-8 for a part only: line {line} is not",
        "ask whoever made the file for one that is UTF-8 throughout",
    )
