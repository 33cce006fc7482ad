"""CHAPTERS → ANNUAL REPORT: read an edition, run its notebooks, bind them into pages."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "binding": ["Page", "bind_chapter", "chapter_number"],
        "building": ["Build", "Choice", "build_report", "choose_runs"],
        "chapters": ["CellFault", "ChapterResult", "prepare_worker", "run_chapter"],
        "comparison": ["ComparedChapter", "Comparison", "compare_folders", "largest_changes"],
        "comparison_folder": ["WrittenComparison", "compare_editions"],
        "comparison_lines": ["Voice"],
        "edition": ["Chapter", "Edition"],
        "exhibits": ["PlacedExhibit", "accessible_svg", "exhibit_html", "split_caption"],
        "notebooks": ["read_notebook"],
        "pages": ["Report", "about_lines", "banner", "contents_entries", "provisional_note", "report_files"],
        "parameters": ["read_edition"],
        "planning": [
            "AbsentChapter",
            "ChapterRun",
            "chapter_runs",
            "check_chapters",
            "declared_parameters",
            "shared_parameters",
        ],
        "progress": ["result_line", "show_progress"],
        "prose": ["chapter_numbers", "in_language", "put_back", "set_aside", "source_title"],
        "provenance": ["build_stamp", "package_digest", "run_record", "run_stamp", "write_record"],
        "published": ["PublishedEdition", "read_published"],
        "words": ["needs_sentence", "word"],
    },
)
