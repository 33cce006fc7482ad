"""Remove a folder when all processes that hold the other end of a pipe have ended, however that came.

It is started as a script with the folder as its argument and the pipe as its standard input. What is left of
a build on a worker goes with the last process of it, also where that was killed.
"""

import shutil
import signal
import sys


def remove_when_alone() -> None:
    """Wait for the end of the standard input, then remove the folder."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    remove_when_alone()
