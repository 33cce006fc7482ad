"""Run cells in this process, as a kernel would, without its sockets. The only file that knows IPython."""

import base64
import io
import json
import sys
import types
from contextlib import redirect_stderr, redirect_stdout

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

from analysis.report.files.notebooks import nbformat


def new_shell() -> InteractiveShell:
    """A shell with a clean namespace, without history; what cells show is kept in the order they show it."""
    config = Config()
    config.HistoryManager.enabled = False
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    shell = InteractiveShell.instance(config=config, user_module=main)
    shell.display_pub = CapturingDisplayPublisher()
    shell.display_trap.hook = CapturingDisplayHook(shell=shell, outputs=shell.display_pub.outputs)
    # No window is ever opened: ``%matplotlib`` only chooses how a figure is shown.
    shell.enable_gui = lambda gui=None: None
    shell.failure = []
    shell._showtraceback = lambda kind, error, lines: shell.failure.append(
        (kind.__name__, str(error), list(lines))
    )
    return shell


def run_source(shell: InteractiveShell, source: str) -> tuple[list, list | None]:
    """Run one cell.

    Returns
    -------
    tuple
        The outputs as a notebook holds them, and the name, words and traceback of the error, or None.
    """
    shell.display_pub.outputs.clear()
    shell.failure.clear()
    stdout, stderr = io.StringIO(), io.StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        execution = shell.run_cell(source, store_history=True)
    outputs = [_stream("stdout", stdout.getvalue()), _stream("stderr", stderr.getvalue())]
    outputs += [_shown(output) for output in shell.display_pub.outputs]
    failure = None
    if not execution.success:
        # What ends a cell before it runs may leave no traceback.
        failure = shell.failure[0] if shell.failure else _without_traceback(execution)
        name, words, lines = failure
        outputs.append(nbformat.v4.new_output("error", ename=name, evalue=words, traceback=lines))
    return [output for output in outputs if output], failure


def _stream(name: str, text: str):
    return nbformat.v4.new_output("stream", name=name, text=text) if text else None


def _shown(output: dict):
    content = {kind: value for kind, value in output["data"].items() if value is not None}
    # As it would come out of a kernel: plain values, pictures in letters.
    content = json.loads(json.dumps(content, default=lambda raw: base64.b64encode(raw).decode()))
    return nbformat.v4.new_output(
        "display_data", data=content, metadata=output.get("metadata") or {}
    )


def _without_traceback(execution: ExecutionResult) -> tuple[str, str, list[str]]:
    error = execution.error_before_exec or execution.error_in_exec
    return type(error).__name__, str(error), []
