"""A process that has imported what chapters need, and forks one child for each task.

It is started as a script: nothing of ``analysis`` is imported in it, so that a task runs the code as
it is now. It has one thread, no event loop and no open connection but its own when it forks. A child
has a session, a folder and a namespace of its own, a bound on its memory, and ends with its parent.
Requests are pickled dictionaries of plain values, one a packet (see ``serve``).
"""

import ctypes
import gc
import importlib
import os
import pickle
import resource
import select
import signal
import socket
import sys
import traceback
from multiprocessing.connection import Connection

PACKET, KEPT = 1 << 20, 8
# What every page needs, what every chapter needs that computes and draws, and what few of them do.
OF_PAGES = (
    *(
        "numpy",
        "pandas",
        "pydantic",
        "yaml",
        "stdnum",
        "babel.dates",
        "babel.numbers",
        "babel.messages.pofile",
    ),
    *(
        "latex2mathml.converter",
        "IPython.core.interactiveshell",
        "IPython.core.displayhook",
        "papermill",
    ),
    *(
        "nbformat.v4",
        "nbconvert.exporters.html",
        "pygments.lexers.python",
        "pygments.formatters.html",
        "jinja2",
    ),
    *("encodings.cp1252", "encodings.unicode_escape", "_strptime"),
)
OF_FIGURES = (
    *("pyarrow.parquet", "pyarrow.dataset", "scipy.special", "scipy.optimize"),
    *("matplotlib.figure", "matplotlib.backends.backend_svg", "matplotlib.font_manager"),
)
SELDOM = ("pandera.pandas", "scipy.stats", "statsmodels.api", "lifelines", "narwhals")
ALL = (*OF_PAGES, *OF_FIGURES, *SELDOM)
# Optional to a preloaded package, and must not be in a process that forks: polars brings threads,
# the grammars of rfc3987_syntax cost a second.
UNWANTED = ("polars", "rfc3987_syntax")
PR_SET_PDEATHSIG = 1


def import_and_serve() -> None:
    """Import, and serve on the socket whose descriptor is the first argument; the others are kept open."""
    descriptors = [int(number) for number in sys.argv[1:]]
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    # An interrupt at the terminal reaches all its processes; this one ends when its builder does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptors[0])
    children: dict[int, dict] = {}
    for name in ALL:
        # A branch has been given all that its build needs: no core is taken from it.
        if not any(child["id"] is None for child in children.values()):
            _preload([name])
            serve(control, children, wait=False)
    # Pages of memory that no child's garbage collector touches stay shared.
    gc.freeze()
    serve(control, children)


def _preload(names: list[str]) -> None:
    absent = [name for name in UNWANTED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            traceback.print_exc()
    for name in absent:
        del sys.modules[name]


def serve(control: socket.socket, children: dict[int, dict], wait: bool = True) -> None:
    """Do what is asked on ``control`` until its other end is closed; all children end then.

    A request has ``do``: ``fork`` (a child runs ``call``, one descriptor for what it tells comes with it),
    ``kill`` (that child), ``warm`` (this process itself runs ``call``) or ``branch`` (a fork of this
    process, which imports ``packages`` first, serves on the descriptor that comes with it and keeps those behind
    it open). When a child has ended its ``id`` and ``status`` are sent back.
    """
    while True:
        watched = [control, *(child["watch"] for child in children.values())]
        ready = select.select(watched, [], [], None if wait else 0)[0]
        for pid in [pid for pid, child in children.items() if child["watch"] in ready]:
            _bury(control, pid, children.pop(pid))
        if control in ready:
            _answer(control, children)
        if not (wait or ready):
            return


def _answer(control: socket.socket, children: dict[int, dict]) -> None:
    packet, descriptors, _, _ = socket.recv_fds(control, PACKET, KEPT)
    if not packet:
        for pid in children:
            _end(pid)
        os._exit(0)
    request = pickle.loads(packet)
    if request["do"] == "fork":
        _fork(control, children, request, descriptors[0])
    elif request["do"] == "branch":
        _preload(request["packages"])
        _branch(control, children, descriptors)
    elif request["do"] == "kill":
        for pid in [pid for pid, child in children.items() if child["id"] == request["id"]]:
            _end(pid)
    else:
        _tell(control, {"warmed": _warm(request)})


def _warm(request: dict) -> str:
    try:
        _call(request)
    except Exception as error:
        traceback.print_exc()
        return type(error).__name__
    finally:
        gc.freeze()
    return ""


def _branch(control: socket.socket, children: dict[int, dict], descriptors: list[int]) -> None:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        children[pid] = {"id": None, "watch": os.pidfd_open(pid)}
        return
    _end_with(parent)
    _forget(control, children)
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    serve(socket.socket(fileno=descriptors[0]), {})


def _fork(
    control: socket.socket, children: dict[int, dict], request: dict, descriptor: int
) -> None:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(descriptor)
        children[pid] = {"id": request["id"], "watch": os.pidfd_open(pid)}
        return
    status = 1
    try:
        # A group of its own, so that what the child starts can be ended with it.
        os.setsid()
        _end_with(parent)
        _forget(control, children)
        _isolate(request)
        status = _do(request, Connection(descriptor, readable=False))
    except BaseException:
        traceback.print_exc()
    finally:
        # Threads and handles that the task left behind end here; nothing of the parent's is flushed twice.
        os._exit(status)


def _do(request: dict, pipe: Connection) -> int:
    try:
        pipe.send(("outcome", pickle.dumps(_call(request, pipe.send))))
    except Exception as error:
        pipe.send(("error", pickle.dumps(error)))
        traceback.print_exc()
        return 1
    return 0


def _forget(control: socket.socket, children: dict[int, dict]) -> None:
    control.close()
    for child in children.values():
        os.close(child["watch"])
    children.clear()


def _isolate(request: dict) -> None:
    """A folder, a log and a bound on memory of one's own; the terminal is not one's own."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.makedirs(request["folder"], exist_ok=True)
    os.environ["TMPDIR"] = request["folder"]
    # tempfile remembers the folder that it was first asked for, which was the parent's.
    sys.modules["tempfile"].tempdir = None
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(request["log"] or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if request["memory"]:
        bound = _held_memory() + request["memory"]
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))


def _held_memory() -> int:
    """Bytes that this process counts as its own already, most of them shared with its parent."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmData:")) * 1024


def _call(request: dict, *more):
    module, _, name = request["call"].partition(":")
    function = getattr(importlib.import_module(module), name)
    return function(*pickle.loads(request["arguments"]), *more)


def _end_with(parent: int) -> None:
    """The kernel ends this process when its parent ends, however that came."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended before that was asked for.
    if os.getppid() != parent:
        os._exit(1)


def _bury(control: socket.socket, pid: int, child: dict) -> None:
    # What the child started is in its group, whose number is its own until it is waited for.
    _end(pid)
    _, status = os.waitpid(pid, 0)
    os.close(child["watch"])
    if child["id"] is not None:
        _tell(control, {"id": child["id"], "status": status})


def _end(pid: int) -> None:
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except OSError:
            continue


def _tell(control: socket.socket, message: dict) -> None:
    try:
        control.send(pickle.dumps(message))
    except OSError:
        # Nobody listens any more; the next read says so.
        return


if __name__ == "__main__":
    import_and_serve()
