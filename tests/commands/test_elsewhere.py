"""Where chapters run when that is not here: sought once, and only when the first must run."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis import report
from analysis.commands.edition_build import BuildRequest
from analysis.commands.elsewhere import ClusterRequest, chapters_elsewhere
from analysis.errors import InputError

CHOICE = SimpleNamespace(jobs=3, seconds=60, memory=1024)


@pytest.fixture
def built(tmp_path):
    return lambda **parts: BuildRequest((tmp_path / "params" / "a.yml",), CHOICE, None, **parts)


@pytest.fixture
def opened(monkeypatch):
    """What was opened, with which arguments, and what has ended."""
    events = []

    @contextmanager
    def open_any(*arguments):
        events.append(arguments)
        yield lambda *tasks: ("ran", tasks)
        events.append("ended")

    for name in ("open_cluster", "open_slurm"):
        monkeypatch.setattr(report, name, open_any, raising=False)
    return events


@pytest.mark.parametrize(
    ("cluster", "explain"),
    [(ClusterRequest(), False), (ClusterRequest(scheduler="tcp://a:1"), True)],
)
def test_nothing_is_sought_where_nothing_runs_elsewhere(built, opened, cluster, explain):
    with chapters_elsewhere(built(explain=explain), cluster) as elsewhere:
        assert elsewhere is None
    assert opened == []


def test_a_scheduler_is_sought_once_when_the_first_chapter_must_run(built, opened):
    with chapters_elsewhere(built(), ClusterRequest("tcp://a:1")) as elsewhere:
        assert opened == []
        assert elsewhere("a", "b") == ("ran", ("a", "b"))
        assert elsewhere("c") == ("ran", ("c",))
        assert opened == [("tcp://a:1", report.Limits(3, 60, 1024))]
    assert opened[1:] == ["ended"]


def test_jobs_of_slurm_are_asked_for_with_their_flags(built, opened, tmp_path):
    cluster = ClusterRequest(None, 4, "--mem=32G", "/scratch")
    with chapters_elsewhere(built(), cluster) as elsewhere:
        elsewhere("a")
    logs = tmp_path / "outputs" / "a" / "private" / "logs" / "slurm"
    assert opened[0] == (4, "--mem=32G", report.Limits(3, 60, 1024), logs, "/scratch")


def test_what_must_be_installed_for_a_cluster_is_said(built, monkeypatch):
    class Door:
        Limits = report.Limits

        def __getattr__(self, name):
            raise ModuleNotFoundError("No module named 'distributed'", name="distributed")

    monkeypatch.setattr("analysis.commands.elsewhere.report", Door())
    with (
        pytest.raises(InputError, match=r"distributed is not installed: .*\[cluster\]"),
        chapters_elsewhere(built(), ClusterRequest("tcp://a:1")),
    ):
        raise AssertionError("must not be reached")


@pytest.mark.parametrize(
    ("cluster", "asked"),
    [
        (ClusterRequest(), False),
        (ClusterRequest(sbatch="--mem=1G", scratch=str(Path("a"))), False),
        (ClusterRequest(slurm=1), True),
        (ClusterRequest(scheduler="tcp://a:1"), True),
    ],
)
def test_whether_a_cluster_is_asked_for(cluster, asked):
    assert cluster.asked_for is asked
