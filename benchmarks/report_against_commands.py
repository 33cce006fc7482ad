"""The time of a build against other ways to the same pages, all in one run on the same machine.

(a) the ``papermill`` and ``jupyter nbconvert`` commands, one page after another;
(b) Papermill's and nbconvert's Python interfaces in a pool of processes;
(c) ``workbench build`` into an empty folder;
(d) ``workbench build`` after one parameter has changed (a goal that one chapter takes);
(e) ``workbench build`` when nothing has changed;
(f) the floor: the same computations and figures as plain Python in warm processes, no notebook, no HTML.

All read the validated tables of the first build. ``b`` to ``f`` are timed in rounds, one after the
other, and the table holds medians; ``a`` is timed once. ``make bench`` writes the table into the README;
``make bench BENCH_ARGS="--limit 2"`` times the first two chapters, and the one whose goal changes, and writes nothing.
Below the table stands which share of the chapters, and of their time in a cold build, the changed parameter is of.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psutil
import yaml
from plain_chapters import time_floor, time_pool

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = Path(sys.executable).parent
LINE = re.compile(r"(<!-- bench:start -->\n).*?(\n<!-- bench:end -->)", re.DOTALL)
# The chapter that takes the goal which is changed.
CHANGED = "11_regions_and_hospitals"
WAYS = {
    "a": "the `papermill` and `jupyter nbconvert` commands, page by page",
    "b": "Papermill's and nbconvert's Python interfaces, two processes",
    "c": "**`workbench build`**",
    "d": "`workbench build`, one parameter changed ({changed} of {pages} pages)",
    "e": "`workbench build`, nothing changed",
    "f": "the floor: plain Python in warm processes, no notebook, no HTML",
}


def seconds(command: list[str | Path], folder: Path) -> float:
    """Run a command to its end and time it; a command that fails ends the benchmark with its message."""
    started = time.perf_counter()
    ended = subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(
            f"{command[0]} ended with {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        )
    return time.perf_counter() - started


def copy_edition(
    edition: Path, folder: Path, limit: int | None, name: str = "", goal: float | None = None
) -> Path:
    """The edition in a folder beside its notebooks: its first ``limit`` chapters, and another goal where given."""
    # Cut in the tree of the file, so that each value stays as it was written.
    tree = yaml.compose(edition.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    values = {key.value: value for key, value in tree.value}
    if limit:
        chapters = values["chapters"].value
        values["chapters"].value = [
            *chapters[:limit],
            *(one for one in chapters[limit:] if one.value == CHANGED),
        ]
    if goal is not None:
        goals = {key.value: value for key, value in values["indicators"].value}
        goals["mdt_goal"].value = str(goal)
    (folder / "params").mkdir(exist_ok=True)
    for place in ("notebooks", "chapters"):
        if not (folder / place).exists():
            (folder / place).symlink_to(ROOT / place)
    copy = folder / "params" / (name or edition.name)
    copy.write_text(yaml.serialize(tree, allow_unicode=True), encoding="utf-8")
    return copy


def source_of(name: str) -> Path:
    """The notebook that a page was made from: ``09_group-III`` is a run of ``09_group``."""
    stems = [
        path.stem for path in (ROOT / "notebooks").glob("*.ipynb") if name.startswith(path.stem)
    ]
    return ROOT / "notebooks" / f"{max(stems, key=len)}.ipynb"


def parameters_of(executed: Path) -> dict:
    """The parameters that a page was run with."""
    return json.loads(executed.read_text(encoding="utf-8"))["metadata"]["papermill"]["parameters"]


def time_commands(executed: list[Path], folder: Path) -> float:
    """Every page once more, one after another, as one would by hand."""
    total = 0.0
    for number, path in enumerate(executed, start=1):
        place = folder / path.parent.name
        place.mkdir(parents=True, exist_ok=True)
        given = place / f"{path.stem}.json"
        given.write_text(json.dumps(parameters_of(path)), encoding="utf-8")
        ran = place / path.name
        total += seconds(
            [COMMANDS / "papermill", "-k", "python3", "-f", given, source_of(path.stem), ran], place
        )
        total += seconds(
            [COMMANDS / "jupyter", "nbconvert", "--log-level=ERROR", "--to", "html", ran], place
        )
        sys.stderr.write(f"\r{number} of {len(executed)} pages by command, {total:.0f} s ")
    sys.stderr.write("\n")
    return total


def peak_memory(work: Callable[[], float]) -> tuple[float, float]:
    """What ``work`` returns, and the highest memory of the processes below this one meanwhile, in GiB.

    Pages of memory that several processes share are counted once (Linux's proportional set size).
    """
    highest, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.25):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    held = process.memory_full_info()
                    total += getattr(held, "pss", held.uss)
                except psutil.Error:
                    continue
            highest[0] = max(highest[0], total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        return work(), highest[0] / 2**30
    finally:
        stop.set()
        watcher.join()


def chapters_of(out: Path, status: str) -> dict[tuple[str, str], float]:
    """Seconds of each chapter that came to this in the last build of a folder."""
    told = json.loads((out / "private" / "run.json").read_text(encoding="utf-8"))["chapters"]
    return {
        (one["name"], one["language"]): one["seconds"] for one in told if one["status"] == status
    }


def time_builds(
    edition: Path, folder: Path, limit: int | None, round_: int
) -> tuple[dict[str, float], dict, set]:
    """The three builds of one round: cold, one parameter changed, nothing changed.

    Their times, the seconds of each chapter of the first, and which chapters the second ran.
    """
    copy = copy_edition(edition, folder, limit)
    out = folder / "outputs" / f"{copy.stem}-{round_}"
    command = [COMMANDS / "workbench", "build", copy, "--quiet", "--output", out]
    found = {"c": seconds(command, folder)}
    cold = chapters_of(out, "done")
    found["e"] = seconds(command, folder)
    copy_edition(edition, folder, limit, goal=0.75)
    found["d"] = seconds(command, folder)
    return found, cold, set(chapters_of(out, "done"))


def time_all(
    edition: Path, folder: Path, limit: int | None, rounds: int
) -> tuple[dict, dict, set, float]:
    """Medians of every way in seconds, those of each chapter, which the changed one is, and the peak of memory."""
    jobs = os.cpu_count() or 1
    (first, cold, changed), peak = peak_memory(lambda: time_builds(edition, folder, limit, 0))
    executed = sorted((folder / "outputs").rglob("private/executed/*/*.ipynb"))
    if not executed:
        raise SystemExit("the build left no executed notebook to compare with")
    sys.stderr.write(f"first build {first['c']:.1f} s, {peak:.2f} GiB; {len(executed)} pages\n")
    measured: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        pages = [
            (source_of(p.stem), parameters_of(p), folder / f"b{number}" / p.parent.name / p.name)
            for p in executed
        ]
        found, cold, changed = time_builds(edition, folder, limit, number)
        found |= {"f": time_floor(executed, jobs), "b": time_pool(pages, jobs)}
        sys.stderr.write(
            f"round {number}: {', '.join(f'{way} {took:.1f} s' for way, took in sorted(found.items()))}\n"
        )
        for way, took in found.items():
            measured.setdefault(way, []).append(took)
    medians = {way: statistics.median(took) for way, took in measured.items()}
    return medians | {"a": time_commands(executed, folder / "commands")}, cold, changed, peak


def table_of(medians: dict[str, float], cold: dict, changed: set, peak: float) -> str:
    """The table for the README."""
    pages = len(cold)
    lines = [
        f"The demonstration report has {pages} pages. Seconds on {os.cpu_count()} cores, measured in one run by",
        f"`make bench` on {date.today().isoformat()}; a build holds at most {peak:.1f} GiB in all its processes:",
        "",
        "| way to the same pages | seconds | × `workbench build` |",
        "| --- | ---: | ---: |",
    ]
    for way, label in WAYS.items():
        took = medians[way]
        name = label.format(changed=len(changed), pages=pages)
        lines.append(f"| {name} | {took:.1f} | {took / medians['c']:.2f} |")
    share, ratio = (
        sum(cold[one] for one in changed) / sum(cold.values()),
        medians["d"] / medians["c"],
    )
    told = f"The changed parameter is of {len(changed) / pages:.1%} of the pages, which take {share:.1%} of the time of"
    lines += [
        "",
        told,
        f"all chapters; the build that it asks for takes {ratio:.1%} of a cold one.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Compare, print, and write the table into the README when the whole edition was timed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--edition", type=Path, default=ROOT / "params" / "demo.yml")
    parser.add_argument("--limit", type=int, help="time only the first notebooks of the edition")
    parser.add_argument("--rounds", type=int, default=3, help="how often b to f are timed (3)")
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        outcome = table_of(*time_all(given.edition.resolve(), folder, given.limit, given.rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(outcome)
    if given.limit is None:
        readme = ROOT / "README.md"
        text = readme.read_text(encoding="utf-8")
        readme.write_text(
            LINE.sub(lambda found: found[1] + outcome + found[2], text), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
