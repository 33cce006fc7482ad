"""The findings of the registry checks as plain lines, a page and a file; row numbers only, no person's values."""

import os
from html import escape
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.register.checks.check_list import list_checks
from analysis.terms import label

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "body{color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0 2rem}"
    "caption{text-align:left;font-weight:600;padding:.5rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #767676}"
    "td.number{text-align:right}.scroll{overflow-x:auto}.scroll:focus-visible{outline:3px solid #1d4f91}"
)
COLUMNS = ("severity", "check", "rows", "examples", "what_holds", "what_to_do", "source")


def describe_findings(findings: pd.DataFrame) -> list[str]:
    """What the checks found, in lines for a terminal.

    Parameters
    ----------
    findings
        From `registry_checks`.

    Examples
    --------
    >>> from analysis.register import registry_checks
    >>> boy = pd.DataFrame({"topography": ["C56.9"], "morphology": ["9071"], "behaviour": [3], "sex": ["male"]})
    >>> describe_findings(registry_checks(boy))[1]
    'error    sex_topography: does not hold in 1 row (1)'
    """
    lines = [f"registry checks: {len(list_checks())} asked, {len(findings)} found something"]
    for finding in findings.itertuples():
        lines += [
            f"{finding.severity:<8} {finding.check}: {_does_not_hold(finding)}",
            f"         {finding.what_holds}. To do: {finding.what_to_do}.",
        ]
    return lines


def error_sentences(findings: pd.DataFrame) -> list[str]:
    """One sentence for each finding that cannot be true."""
    errors = findings[findings["severity"] == "error"]
    return [
        f"{finding.check}: {finding.what_holds}; {_does_not_hold(finding)}"
        for finding in errors.itertuples()
    ]


def write_check_report(
    findings: pd.DataFrame, folder: str | Path, language: str = "en"
) -> list[Path]:
    """Write ``check.html`` and ``check.csv`` into a folder; each appears whole or not at all.

    Parameters
    ----------
    findings
        From `registry_checks`, in the same language.
    folder
        Made when absent. A reader sees the old file until the new one is whole.
    language
        ``"en"`` or ``"nb"``.

    Returns
    -------
    list of pathlib.Path
        The two files.

    Raises
    ------
    InputError
        The folder cannot be made, or not be written to.
    """
    folder = Path(folder)
    written = {
        "check.html": check_page(findings, language),
        "check.csv": findings.to_csv(index=False),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            # Under another name first: a reader never meets half a page.
            part = folder / f".{name}.{os.getpid()}"
            part.write_text(text, encoding="utf-8")
            part.replace(folder / name)
    except OSError as failure:
        raise InputError(
            f"folder {folder.name}", [f"cannot be written to ({type(failure).__name__})"]
        ) from None
    return [folder / name for name in written]


def check_page(findings: pd.DataFrame, language: str = "en") -> str:
    """The findings, and every check that was asked, as one HTML page that loads nothing."""
    words = {
        key: escape(label(f"check_page.{key}", language))
        for key in ("title", "lead", "nothing", "found", "asked")
    }
    findings_table = f"<p>{words['nothing']}</p>"
    if len(findings):
        findings_table = _table(findings, words["found"], language)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{words['title']}</title><style>{STYLE}</style></head>\n"
        f"<body><main><h1>{words['title']}</h1>\n<p>{words['lead']}</p>\n{findings_table}\n"
        f"{_table(list_checks(language), words['asked'], language)}\n</main></body></html>\n"
    )


def _table(rows: pd.DataFrame, caption: str, language: str) -> str:
    columns = [name for name in COLUMNS if name in rows]
    heads = "".join(
        f'<th scope="col">{escape(label(f"check_page.{name}", language))}</th>' for name in columns
    )
    body = "\n".join(_row(row, columns, language) for row in rows.to_dict("records"))
    # A region that scrolls must be reachable by keyboard and have a name (WCAG 2.1.1, 4.1.2).
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">'
        f"<table><caption>{caption}</caption>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


def _row(row: dict, columns: list[str], language: str) -> str:
    tags = {"check": 'th scope="row"', "rows": 'td class="number"'}
    cells = []
    for name in columns:
        text = label(f"severity.{row[name]}", language) if name == "severity" else row[name]
        tag = tags.get(name, "td")
        cells.append(f"<{tag}>{escape(str(text))}</{tag.split()[0]}>")
    return f"<tr>{''.join(cells)}</tr>"


def _does_not_hold(finding) -> str:
    more = ", …" if finding.examples.count(",") + 1 < finding.rows else ""
    rows = f"{finding.rows} row{'s' if finding.rows != 1 else ''}"
    return f"does not hold in {rows} ({finding.examples}{more})"
