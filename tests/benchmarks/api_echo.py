"""The least a server of this kind can do: answers what it was sent, on the service's settings."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipelines.api.server import configured, listening


async def echo(request: Request) -> Response:
    """Return what was sent."""
    return Response(await request.body(), media_type="application/json")


def main() -> None:
    """Answer until SIGTERM; the port is printed."""
    at = listening("127.0.0.1", 0)
    sys.stdout.write(f"listening port={at.getsockname()[1]}\n")
    sys.stdout.flush()
    app = Starlette(routes=[Route("/echo", echo, methods=["POST"])])
    uvicorn.Server(configured(app, lifespan="off")).run(sockets=[at])


if __name__ == "__main__":
    main()
