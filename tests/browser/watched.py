"""Run streamlit and write down every other machine that Python code turns to: watched.py LOG run app.py ...

Where STAND_IN_YOUTUBE is set, the app speaks with that address as it does with YouTube.
"""

import os
import runpy
import sys
from pathlib import Path

LOG = Path(sys.argv[1])
HERE = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "", None)


def note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path: a socket of this machine
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if (host.decode() if isinstance(host, bytes) else host) not in HERE:
        with LOG.open("a", encoding="utf-8") as log:
            log.write(f"{event} {host}\n")


sys.addaudithook(note)
if address := os.environ.get("STAND_IN_YOUTUBE"):
    from ingest.links.youtube import YouTube

    # The address is an argument of the class; no setting leads to it, since only tests have a YouTube of their own.
    YouTube.__init__.__defaults__ = (address,)
sys.argv = ["streamlit", *sys.argv[2:]]
runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
