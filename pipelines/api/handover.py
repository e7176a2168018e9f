"""How an answer is handed over to its client."""

import asyncio
import contextlib
from typing import Final

from starlette.responses import Response
from starlette.types import Message, Send

# In such pieces, so that a client that does not take one is noticed.
PIECE_BYTES: Final = 65_536


async def handed_over(response: Response, send: Send, seconds: float) -> None:
    """Send an answer in pieces; a client that does not take one in time is left."""
    body = bytes(response.body)
    start: Message = {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": response.raw_headers,
    }
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await send(start)
            for begin in range(0, max(len(body), 1), PIECE_BYTES):
                piece = body[begin : begin + PIECE_BYTES]
                await send(
                    {
                        "type": "http.response.body",
                        "body": piece,
                        "more_body": begin + PIECE_BYTES < len(body),
                    }
                )
