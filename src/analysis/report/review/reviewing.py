"""What reviewers leave for the next build: sign-offs beside the edition's file, comments in its private folder."""

from pathlib import Path

from analysis.report.edition.sign_off_record import read_sign_offs, sign_offs_path
from analysis.report.review.collected import ALL, SHEET, comments_folder, read_collection


def reviewed_paths(edition: Path, folder: Path) -> list[Path]:
    """The files of it, whether they are there or not, by the edition's file and its folder."""
    return [sign_offs_path(edition), comments_folder(folder) / ALL, comments_folder(folder) / SHEET]


def require_readable_review(edition: Path, folder: Path) -> None:
    """Refuse it before anything is run where it cannot be read.

    Raises
    ------
    InputError
        With every fault of the file that cannot be read.
    """
    read_sign_offs(edition)
    read_collection(comments_folder(folder))
