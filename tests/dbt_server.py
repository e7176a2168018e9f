"""
The process that is forked for each call of dbt: `dbt_server.py SOCKET COMMAND_LINE PROJECT`.

Parses PROJECT once, since what dbt makes of its own classes when it first needs them is most of
what a parse costs. Knows nothing of the pipeline, as the command line it runs. It ends, and takes
the folder of SOCKET with it, when its stdin is closed.
"""

import gc
import hashlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

MOST = 1 << 16


def answer(connection: socket.socket) -> None:
    """Run one call in a fork of this process; send its exit code."""
    _, outputs, _, _ = socket.recv_fds(connection, 1, 2)
    told = bytearray()
    while part := connection.recv(MOST):
        told += part
    child = os.fork()
    if child == 0:
        connection.close()
        be_dbt(json.loads(told), outputs)
    _, status = os.waitpid(child, 0)
    connection.sendall(b"%d" % os.waitstatus_to_exitcode(status))


def be_dbt(call: dict[str, Any], outputs: list[int]) -> NoReturn:
    """Be the command line, in a process forked for it."""
    for descriptor, output in enumerate(outputs, start=1):
        os.dup2(output, descriptor)
        os.close(output)
    code = 1
    try:
        code = run(call["words"], call["environ"], call["folder"])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(words: list[str], environ: dict[str, str], folder: str) -> int:
    """Run the command line of *words* in this process; return its exit code."""
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    sys.argv = words
    try:
        runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)

    return 0


def warm(command_line: str, project: str) -> None:
    """Parse a project and read what was parsed; there is no database."""
    environ = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    for name in ("HOST", "USER", "PASSWORD", "DATABASE", "SCHEMA"):
        environ[f"CHURN_DBT_{name}"] = "none"
    environ |= {"CHURN_DBT_PORT": "1", "CHURN_DBT_SSLMODE": "prefer"}
    with tempfile.TemporaryDirectory() as folder:
        words = [
            *(command_line, f"{folder}/none", "--quiet", "--log-path", folder, "parse"),
            *("--project-dir", project, "--profiles-dir", project, "--target-path", folder),
            # Its static parser has threads, which no fork would have.
            *("--no-static-parser", "--no-partial-parse", "--vars", '{"raw_schema": "raw"}'),
        ]
        assert run(words, environ, folder) == 0
        manifest = Path(folder, "partial_parse.msgpack").read_bytes()
        kept = Path(folder, "kept")
        kept.write_bytes(hashlib.sha256(manifest).digest() + manifest)
        assert runpy.run_path(command_line)["read"](kept)
        os.chdir("/")
    gc.freeze()


def serve(path: str, told: int) -> None:
    """Say on the descriptor *told* that this is ready; answer each call in a process of its own."""
    # Nobody waits for the processes that wait for a call.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        os.write(told, b"ready\n")
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                shutil.rmtree(Path(path).parent)
                return
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                answer(connection)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    ours, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # dbt prints as well
    address, *project = sys.argv[1:]
    warm(*project)
    serve(address, ours)
