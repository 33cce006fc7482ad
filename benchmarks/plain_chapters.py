"""Chapters without Papermill's command and without the workbench, in two processes: what a build is held against.

``floor`` runs the code of each page as plain Python in processes that have imported everything: no
notebook, no HTML. ``pool`` runs Papermill's and nbconvert's Python interfaces in a pool.
"""

import ast
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path


def code_of(executed: Path) -> list[str]:
    """The code cells of an executed notebook, its injected parameters among them."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_plain(sources: list[str]) -> int:
    """Run the cells of a page in one clean namespace; what their last lines show is made and dropped."""
    names: dict = {"__name__": "__main__"}
    shown = 0
    for source in sources:
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            result = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            shown += len(str(getattr(result, "_repr_mimebundle_", lambda: "")()))
    return shown


def get_warm(sources: list[str]) -> None:
    """Import what chapters import, by running one."""
    run_plain(sources)


def time_floor(executed: list[Path], jobs: int) -> float:
    """Seconds for all pages as plain Python in warm processes."""
    pages = [code_of(path) for path in executed]
    warm = max(pages, key=len)
    with ProcessPoolExecutor(jobs, get_context("spawn"), get_warm, (warm,)) as pool:
        # Every process is there, and warm, before the clock starts.
        list(pool.map(time.sleep, [0.5] * jobs * 2))
        started = time.perf_counter()
        list(pool.map(run_plain, pages))
        return time.perf_counter() - started


def run_page(notebook: Path, parameters: dict, ran: Path) -> int:
    """One page by Papermill's and nbconvert's interfaces, as their manuals show it."""
    import nbconvert
    import papermill

    ran.parent.mkdir(parents=True, exist_ok=True)
    papermill.execute_notebook(
        str(notebook), str(ran), parameters, kernel_name="python3", progress_bar=False
    )
    page, _ = nbconvert.HTMLExporter().from_filename(str(ran))
    return ran.with_suffix(".html").write_text(page, encoding="utf-8")


def time_pool(pages: list[tuple[Path, dict, Path]], jobs: int) -> float:
    """Seconds for all pages by Papermill's and nbconvert's interfaces in a pool of processes."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    started = time.perf_counter()
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for future in [pool.submit(run_page, *page) for page in pages]:
            future.result()
    return time.perf_counter() - started
