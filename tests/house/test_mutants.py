"""The program that changes code in small ways, on a package of one function."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
MODULE = """def is_adult(age, *, limit: int | None = 18):
    return limit is not None and age >= limit


def double(number):
    return number * 2
"""
TESTS = """from analysis.cases.adults import double, is_adult


def test_the_birthday_itself_counts():
    assert [is_adult(age) for age in (17, 18, 19)] == [False, True, True]
    assert not is_adult(18, limit=None)


def test_double():
    assert double(0) == 0
"""


@pytest.fixture
def programs(monkeypatch):
    """The two modules of the program."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import mutants
    import mutation_testing

    yield mutants, mutation_testing
    for name in ("mutants", "mutation_testing"):
        sys.modules.pop(name)


@pytest.fixture
def tree(tmp_path):
    package, tests = tmp_path / "src" / "analysis" / "cases", tmp_path / "tests" / "cases"
    for folder in (package, tests):
        folder.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "adults.py").write_text(MODULE)
    (tests / "test_adults.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    return tmp_path


def test_comparisons_operators_and_constants_are_changed(programs):
    mutants, _ = programs
    changes = [(mutant.line, mutant.before, mutant.after) for mutant in mutants.mutants_of(MODULE)]
    whole = "limit is not None and age >= limit"
    assert changes == [
        (1, "18", "19"),
        (2, whole, "(limit is not None or age >= limit)"),
        (2, "limit is not None", "(limit is None)"),
        (2, "age >= limit", "(age > limit)"),
        (6, "number * 2", "(number / 2)"),
        (6, "2", "3"),
    ]


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("a = not b", ["a = (b)"]),
        ("a += 1", ["a -= 1", "a += 2"]),
        ("a = f'{1 + 2}'", []),
        ("a: 'int | None' = True", ["a: 'int | None' = False"]),
        ("a = zip(b, c, strict=True)", []),
        (
            "å = 'æ', 1 <\\\n  2 # æ",
            ["å = 'æ', (1 <= 2) # æ", "å = 'æ', 2 <\\\n  2 # æ", "å = 'æ', 1 <\\\n  3 # æ"],
        ),
    ],
)
def test_a_change_is_made_where_it_stands(programs, source, after):
    mutants, _ = programs
    assert [mutants.mutated(source, mutant) for mutant in mutants.mutants_of(source)] == after


def test_the_sample_is_fixed_and_leaves_out_what_makes_no_difference(programs, tree):
    mutants, _ = programs
    everything = mutants.candidates(tree, "cases", frozenset())
    assert len(everything) == 6
    first = mutants.sample_of(tree, "cases", 16, frozenset())
    assert len(first) == 2
    assert mutants.sample_of(tree, "cases", 16, frozenset()) == first
    assert len(mutants.sample_of(tree, "cases", 4000, frozenset())) == 6
    known = frozenset({("cases/adults.py", "2", "3")})
    assert {mutant.after for mutant in everything} - {
        mutant.after for mutant in mutants.candidates(tree, "cases", known)
    } == {"3"}


def test_what_no_test_notices_is_listed(programs, tree, capsys):
    _, testing = programs
    assert testing.main(["--stage", "cases", "--size", "4000", "--jobs", "2"], tree) == 0
    printed = capsys.readouterr().out
    assert set(printed.splitlines()[-3:]) == {
        "cases: 4 of 6 caught (67%)",
        "  src/analysis/cases/adults.py:6: number * 2  →  (number / 2)",
        "  src/analysis/cases/adults.py:6: 2  →  3",
    }
    assert (tree / "src" / "analysis" / "cases" / "adults.py").read_text() == MODULE


def test_tests_that_fail_without_a_change_are_no_yardstick(programs, tree):
    _, testing = programs
    (tree / "tests" / "cases" / "test_adults.py").write_text(
        "def test_nothing():\n    assert False\n"
    )
    with pytest.raises(SystemExit, match="the tests of cases fail without any change"):
        testing.main(["--stage", "cases", "--jobs", "1"], tree)


def test_known_equivalents_have_their_reasons(programs):
    mutants, _ = programs
    assert mutants.known_equivalents(BENCHMARKS / "absent.csv") == frozenset()
    lines = (BENCHMARKS / "equivalent_mutants.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,before,after,reason"
    assert all(line.rsplit(",", 1)[1].strip() for line in lines[1:])
