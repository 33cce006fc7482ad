"""The report's time against running the same notebooks one by one with the plain commands.

Both are timed in one run, on the same machine, from the same validated tables:

- ``workbench build`` on a copy of the edition in an empty folder, so that nothing is reused;
- for every page of that build, ``papermill`` with the same parameters, then ``jupyter nbconvert --to html``.

``make bench`` notes the ratio in the README; ``make bench BENCH_ARGS="--limit 2"`` times the first two
notebooks only and notes nothing.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = Path(sys.executable).parent
LINE = re.compile(r"(<!-- bench:start -->\n).*?(\n<!-- bench:end -->)", re.DOTALL)


def seconds(command: list[str | Path], folder: Path) -> float:
    """Run a command to its end and time it; a command that fails ends the benchmark with its message."""
    started = time.perf_counter()
    ended = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{command[0]} ended with {ended.returncode}\n{ended.stdout}\n{ended.stderr}")
    return time.perf_counter() - started


def copy_edition(edition: Path, folder: Path, limit: int | None) -> Path:
    """The edition in an empty folder beside its notebooks, with its first ``limit`` notebooks only."""
    # Cut in the tree of the file, so that each value stays as it was written.
    tree = yaml.compose(edition.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    chapters = next(value for key, value in tree.value if key.value == "chapters")
    chapters.value = chapters.value[:limit]
    (folder / "params").mkdir()
    (folder / "notebooks").symlink_to(ROOT / "notebooks")
    copy = folder / "params" / edition.name
    copy.write_text(yaml.serialize(tree, allow_unicode=True), encoding="utf-8")
    return copy


def source_of(name: str) -> Path:
    """The notebook that a page was made from: ``09_group-III`` is a run of ``09_group``."""
    stems = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb") if name.startswith(path.stem)]
    return ROOT / "notebooks" / f"{max(stems, key=len)}.ipynb"


def time_commands(executed: list[Path], folder: Path) -> float:
    """Every page once more, one after another, as one would by hand."""
    total = 0.0
    for number, path in enumerate(executed, start=1):
        parameters = json.loads(path.read_text(encoding="utf-8"))["metadata"]["papermill"]["parameters"]
        place = folder / path.parent.name
        place.mkdir(parents=True, exist_ok=True)
        given = place / f"{path.stem}.json"
        given.write_text(json.dumps(parameters), encoding="utf-8")
        ran = place / path.name
        total += seconds([COMMANDS / "papermill", "-k", "python3", "-f", given, source_of(path.stem), ran], place)
        total += seconds([COMMANDS / "jupyter", "nbconvert", "--log-level=ERROR", "--to", "html", ran], place)
        sys.stderr.write(f"\r{number} of {len(executed)} pages by command, {total:.0f} s ")
    sys.stderr.write("\n")
    return total


def compare(edition: Path, limit: int | None) -> str:
    """Time both ways and put the outcome into one sentence."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        copy = copy_edition(edition, folder, limit)
        build = seconds([COMMANDS / "workbench", "build", copy], folder)
        executed = sorted(folder.rglob("private/executed/*/*.ipynb"))
        if not executed:
            raise SystemExit("the build left no executed notebook to compare with")
        plain = time_commands(executed, folder / "commands")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    pages = len(executed)
    return (
        f"On {os.cpu_count()} cores the demonstration report ({pages} pages) is built in {build:.0f} s. Running\n"
        f"the same notebooks one by one with the `papermill` and `jupyter nbconvert` commands takes {plain:.0f} s,\n"
        f"{plain / build:.1f} times as long (`make bench`, {date.today().isoformat()})."
    )


def main() -> None:
    """Compare, print, and note the outcome in the README when the whole edition was timed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--edition", type=Path, default=ROOT / "params" / "demo.yml")
    parser.add_argument("--limit", type=int, help="time only the first notebooks of the edition")
    given = parser.parse_args()
    outcome = compare(given.edition.resolve(), given.limit)
    print(outcome)
    if given.limit is None:
        readme = ROOT / "README.md"
        text = readme.read_text(encoding="utf-8")
        readme.write_text(LINE.sub(lambda found: found[1] + outcome + found[2], text), encoding="utf-8")


if __name__ == "__main__":
    main()
