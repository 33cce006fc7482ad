"""Change one comparison, operator or constant at a time and see whether a test notices: ``make mutants``.

Each change of a fixed sample is made in a copy of the tree and tried against the tests of its stage, its
doctests, and the properties and answers that import the stage, until the first test that fails. A change that
no test notices is listed: either a test is missing, or the change makes no difference, which
``equivalent_mutants.csv`` says with the reason.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Queue

from mutants import PACKAGE, PARTS, WHOLE, Mutant, known_equivalents, mutated, sample_of

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENTS = Path(__file__).with_name("equivalent_mutants.csv")
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "outputs", "__pycache__", ".*_cache", ".hypothesis"
)
# A change that lets a loop run on is stopped after this many times the seconds of the unchanged tests.
PATIENCE, AT_LEAST = 3, 60.0
PASSED, FAILED, INTERRUPTED = 0, 1, 2


@dataclass(frozen=True)
class Trial:
    """What became of a change: whether a test noticed, and after how many seconds."""

    mutant: Mutant
    caught: bool
    seconds: float


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Try a sample of changes and print what share of them was noticed, and which were not."""
    options = _options(arguments)
    # A shell that runs this in the background has its children ignore interrupts, which tests send.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    equivalents = known_equivalents(EQUIVALENTS)
    parts = [part for part in PARTS if options.stage in ("", part, part.partition("/")[0])]
    samples = {part: sample_of(root, part, options.size, equivalents) for part in parts}
    mutants = [mutant for sample in samples.values() for mutant in sample]
    print(f"{len(mutants)} changes, {options.jobs} at a time", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        trees = [_copied(root, Path(folder) / str(number)) for number in range(options.jobs)]
        seconds = {
            stage: _unchanged(trees[0], stage) for stage in sorted({one.stage for one in mutants})
        }
        trials = _tried(mutants, trees, seconds)
    for part, sample in samples.items():
        _print_share(part, [trials[mutant] for mutant in sample])
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stage", default="", help=f"one of {', '.join(PARTS)} (all)")
    parser.add_argument("--size", type=int, default=WHOLE, help=f"changes in all ({WHOLE})")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time (cores)")
    return parser.parse_args(arguments)


def _copied(root: Path, tree: Path) -> Path:
    """A copy of the tree in which a changed file is compiled anew, and every other is not."""
    shutil.copytree(root, tree, ignore=NOT_COPIED)
    modes = ["--invalidation-mode", "checked-hash"]
    command = [sys.executable, "-m", "compileall", "-q", *modes, "src", "tests"]
    subprocess.run(command, cwd=tree, check=True)
    return tree


def _unchanged(tree: Path, stage: str) -> float:
    """Seconds that the tests of a stage take when nothing is changed."""
    began = time.monotonic()
    with _pytest(tree, stage) as tests:
        output, _ = tests.communicate()
    if tests.returncode != PASSED:
        raise SystemExit(f"the tests of {stage} fail without any change:\n{output}")
    return time.monotonic() - began


def _tried(
    mutants: Sequence[Mutant], trees: Sequence[Path], seconds: dict[str, float]
) -> dict[Mutant, Trial]:
    free: Queue[Path] = Queue()
    for tree in trees:
        free.put(tree)
    with ThreadPoolExecutor(len(trees)) as pool:
        trials = {}
        for trial in pool.map(partial(_try, free=free, seconds=seconds), mutants):
            trials[trial.mutant] = trial
            verdict = "caught" if trial.caught else "SURVIVED"
            print(f"{verdict} in {trial.seconds:.0f} s: {trial.mutant}", flush=True)
    return trials


def _try(mutant: Mutant, free: Queue, seconds: dict[str, float]) -> Trial:
    """Make a change in a tree that is free, and run its tests until one fails or takes too long."""
    tree, began = free.get(), time.monotonic()
    path = tree / PACKAGE / mutant.path
    source = path.read_text(encoding="utf-8")
    path.write_text(mutated(source, mutant), encoding="utf-8")
    try:
        with _pytest(tree, mutant.stage, mutant.path) as tests:
            try:
                tests.communicate(timeout=max(AT_LEAST, PATIENCE * seconds[mutant.stage]))
            except subprocess.TimeoutExpired:
                os.killpg(tests.pid, signal.SIGKILL)
    finally:
        path.write_text(source, encoding="utf-8")
        free.put(tree)
    if tests.returncode not in (PASSED, FAILED, INTERRUPTED, -signal.SIGKILL):
        raise SystemExit(f"the tests of {mutant} cannot be run")
    return Trial(mutant, tests.returncode != PASSED, time.monotonic() - began)


def _pytest(tree: Path, stage: str, path: str = "") -> subprocess.Popen:
    """Tests of a stage, in a group of processes of their own; first those that stand nearest to a file."""
    settings = {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider"]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *_tests_of(tree, stage, path)],
        cwd=tree,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _tests_of(tree: Path, stage: str, path: str) -> list[str]:
    """What may notice a change: the module's own test and doctests, those of its stage, then all that import it."""
    own = [PACKAGE / path, *_test_files(tree, path)] if path else []
    beside = [
        test.relative_to(tree)
        for folder in ("properties", "oracle")
        for test in sorted((tree / "tests" / folder).glob("test_*.py"))
        if f"analysis.{stage}" in test.read_text(encoding="utf-8")
    ]
    tests = [*own, PACKAGE / stage, Path("tests", stage), *beside]
    return [str(test) for test in dict.fromkeys(tests) if (tree / test).exists()]


def _test_files(tree: Path, path: str) -> Iterator[Path]:
    module = Path(path)
    for test in (tree / "tests" / module.parts[0]).rglob(f"test_{module.stem}.py"):
        yield test.relative_to(tree)


def _print_share(part: str, trials: Sequence[Trial]) -> None:
    survivors = [trial.mutant for trial in trials if not trial.caught]
    caught = len(trials) - len(survivors)
    share = f"{caught / len(trials):.0%}" if trials else "no changes"
    print(f"\n{part}: {caught} of {len(trials)} caught ({share})")
    for mutant in survivors:
        print(f"  {mutant}")


if __name__ == "__main__":
    sys.exit(main())
