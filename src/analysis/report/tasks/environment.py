"""What a machine or its user could bring into a report, held the same in every process that makes one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

# The order of hashes, the clock's zone, the language, the encoding, the way of drawing, the number of threads.
BUILD_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TZ": "UTC",
    **dict.fromkeys(("LC_ALL", "LANG"), "C.UTF-8"),
    "LANGUAGE": "",
    "MPLBACKEND": "Agg",
    # A user's own settings of figures are not read.
    "MATPLOTLIBRC": os.devnull,
    **dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    ),
}


@contextmanager
def in_build_environment() -> Iterator[None]:
    """Start processes with these variables meanwhile; this process gets its own back."""
    before = {name: os.environ.get(name) for name in BUILD_ENVIRONMENT}
    os.environ.update(BUILD_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
