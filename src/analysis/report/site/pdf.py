"""The whole report on paper: Chromium prints the one file of a language as a tagged PDF with bookmarks."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from analysis.errors import AnalysisError, InputError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 300
_WHEN = re.compile(rb"/(CreationDate|ModDate) ?\(D:\d{14}([^)]*)\)")


def find_browser() -> str | None:
    """The browser that prints, where one is installed."""
    installed = (path for path in map(shutil.which, BROWSERS) if path)
    return next(installed, None)


def print_report(folder: str | Path, languages: tuple[str, ...] = ()) -> list[Path]:
    """Print the report of an edition, one PDF for each language, into ``folder/pdf``.

    Parameters
    ----------
    folder
        Of the edition, with a built ``public/``.
    languages
        Those to be printed; all where empty.

    Returns
    -------
    list of Path
        The PDFs: tagged, with bookmarks, and with the day taken out of them, so that one report gives one file.

    Raises
    ------
    InputError
        There is no report in the folder, or none in a language.
    AnalysisError
        No browser is installed, or it could not print.
    """
    public = Path(folder).resolve() / "public"
    pages = sorted(public.glob("*-??.html"))
    reports = [page for page in pages if not languages or page.stem[-2:] in languages]
    if not reports:
        listed = f" in {', '.join(languages)}" if languages and pages else ""
        fault = f"must be built before it is printed: none{listed} in public/"
        raise InputError(f"report in {Path(folder).name}", [fault])
    browser = find_browser()
    if browser is None:
        names = ", ".join(BROWSERS[:3])
        raise AnalysisError(
            f"a PDF is printed by Chromium, and none is installed (looked for {names}); "
            "the report as one file is there to be printed from any browser: "
            f"public/{reports[0].name}"
        )
    target = public.parent / "pdf"
    target.mkdir(exist_ok=True)
    return [_print_page(browser, page, target / f"{page.stem}.pdf") for page in reports]


def _print_page(browser: str, page: Path, target: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix="wbpdf") as work:
        part = Path(work) / "report.pdf"
        # Chromium's sandbox refuses to run for root, as whom containers run.
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            *(["--no-sandbox"] if is_root else []),
            f"--user-data-dir={work}/profile",
            "--no-pdf-header-footer",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={part}",
            page.as_uri(),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
            printed = part.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise AnalysisError(
                f"{page.name} could not be printed: {type(error).__name__}"
            ) from None
    whole = target.with_suffix(".part")
    whole.write_bytes(_without_day(printed))
    os.replace(whole, target)
    return target


def _without_day(printed: bytes) -> bytes:
    """The same file as if printed at the turn of the century: bytes keep their places."""
    return _WHEN.sub(lambda day: re.sub(rb"\d{14}", b"20000101000000", day[0], count=1), printed)
