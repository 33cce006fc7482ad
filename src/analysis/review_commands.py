"""What the commands of a review do: collect what reviewers said, record who approves which chapter."""

import argparse


def collect(options: argparse.Namespace) -> int:
    """Merge reviewers' comments into a page and a list; say how many there are, and where."""
    from analysis.register import require_no_identity_in_files
    from analysis.report import collect_comments

    found = collect_comments(
        options.files, options.edition, options.output, require_no_identity_in_files
    )
    print(f"comments: {found.comments}; new {found.new}, edited {found.edited}")
    for chapter in found.unknown:
        print(f"- the report has no chapter {chapter} any more; its comments stand at the end")
    print(found.page, found.sheet, sep="\n")
    return 0


def sign_off(options: argparse.Namespace) -> int:
    """Record that somebody approves chapters as they read now; say which."""
    from datetime import date

    from analysis.register import require_no_identity_in_files
    from analysis.report import Asked, read_draft, sign_chapters, sign_offs_path

    folder = options.folder.resolve()
    edition = (options.edition or folder.parent.parent / "params" / f"{folder.name}.yml").resolve()
    asked = Asked(tuple(options.chapter), tuple(options.language), options.all)
    signer, guard = (options.name, options.role), require_no_identity_in_files
    new = sign_chapters(edition, read_draft(folder), asked, signer, date.today(), guard)
    for one in new:
        print(f"{one.chapter} ({one.language}): signed by {one.name} for {one.sha256[:8]}")
    print(sign_offs_path(edition) if new else "signed already: nothing is new")
    return 0
