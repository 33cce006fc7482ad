"""Two builds of an edition, on machines as unlike as one machine can be, give the same bytes; verify says so."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ["03_incidence"]


@pytest.fixture(scope="module")
def build_elsewhere(tmp_path_factory, write_edition):
    """Build a small edition by the command, in surroundings of one's own; its folder."""

    def build(name, umask, jobs, **surroundings):
        home = tmp_path_factory.mktemp(name)
        edition = write_edition(home / "here", chapters=CHAPTERS, languages=["en", "nb"])
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "analysis.commands.app",
                "build",
                str(edition),
                "--jobs",
                str(jobs),
                "--quiet",
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "HOME": str(home), **surroundings},
            cwd=home,
            umask=umask,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return home / "here" / "outputs" / "test"

    return build


@pytest.fixture(scope="module")
def both(build_elsewhere, tmp_path_factory):
    """The same edition as a plain user builds it, and as someone far away does."""
    settings = tmp_path_factory.mktemp("settings")
    (settings / "matplotlibrc").write_text(
        "lines.linewidth: 9\nfont.size: 30\naxes.facecolor: red\n"
    )
    far = {
        **{"TZ": "Pacific/Kiritimati", "LANG": "nb_NO.UTF-8", "LC_ALL": "POSIX", "LANGUAGE": "nb"},
        **{
            "PYTHONHASHSEED": "77",
            "OMP_NUM_THREADS": "4",
            "OPENBLAS_NUM_THREADS": "4",
            "PYTHONUTF8": "0",
        },
        **{"MPLCONFIGDIR": str(settings), "MPLBACKEND": "svg"},
    }
    near = {"TZ": "America/St_Johns", "LANG": "en_US.UTF-8", "PYTHONHASHSEED": "1"}
    return build_elsewhere("near", 0o022, 1, **near), build_elsewhere("far", 0o077, 2, **far)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_two_builds_in_other_surroundings_give_the_same_bytes(both):
    near, far = (contents(folder / "public") for folder in both)
    assert len(near) > 20
    assert sorted(near) == sorted(far)
    assert [name for name in near if near[name] != far[name]] == []


def test_the_report_can_be_read_by_others_whatever_the_umask(both):
    modes = [
        {
            path.relative_to(folder / "public"): path.stat().st_mode & 0o777
            for path in (folder / "public").rglob("*")
        }
        for folder in both
    ]
    assert modes[0] == modes[1]
    assert set(modes[1].values()) == {0o755, 0o644}


def test_verify_says_identical_or_where_each_file_differs_first(both, workbench):
    folder = both[0]
    code, said, complaint = workbench("verify", folder, "--quiet")
    assert (code, complaint) == (0, "")
    assert said == f"identical: {len(contents(folder / 'public'))} files, byte for byte\n"
    assert not list((folder / "private" / ".work").glob("*"))

    tampered = folder.parent.parent / "tampered" / "outputs" / "test"
    shutil.copytree(folder, tampered)
    page = tampered / "public" / "en" / "03_incidence.html"
    lines = page.read_text(encoding="utf-8").split("\n")
    lines[3] = f"{lines[3]}<!-- mended by hand -->"
    page.write_text("\n".join(lines), encoding="utf-8")
    (tampered / "public" / "extra.txt").write_text("more")
    (tampered / "public" / "style.css").unlink()
    edition = folder.parent.parent / "params" / "test.yml"
    code, said, _ = workbench("verify", tampered, "--edition", edition, "--quiet")
    assert code == 1
    told = said.splitlines()
    place = f"line 4, column {len(lines[3]) - len('<!-- mended by hand -->') + 1}: "
    assert told[0].startswith(f"en/03_incidence.html: {place}")
    assert "<!-- mended by hand -->" in told[0]
    assert told[1:] == [
        "extra.txt: is not made any more",
        "style.css: is not in the report that is there",
        f"3 of {len(contents(tampered / 'public'))} files differ",
    ]


def test_verify_tells_what_has_changed_since_the_report_was_built(both, workbench, write_edition):
    folder = both[1]
    changed = write_edition(folder.parents[2] / "changed", chapters=["13_methods"], minimum_cell=6)
    code, said, _ = workbench("verify", folder, "--edition", changed, "--quiet")
    assert code == 1
    assert "en/03_incidence.html: is not made any more" in said
    assert said.splitlines()[-1] == "- the edition's file is not the one that it was built from"


def test_what_was_never_built_is_not_verified(tmp_path, workbench, write_edition):
    edition = write_edition(tmp_path)
    (tmp_path / "outputs" / "test").mkdir(parents=True)
    code, _, complaint = workbench("verify", tmp_path / "outputs" / "test", "--edition", edition)
    assert code == 2
    assert "must have a public report; build it first" in complaint
