"""CHAPTERS → ANNUAL REPORT: read an edition, run its notebooks, bind them into pages."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "binding": ["Page", "bind_chapter", "bind_text", "chapter_number"],
        "building": ["Build", "Choice", "build_report", "choose_runs"],
        "chapters": ["CellFault", "ChapterResult", "prepare_worker", "run_chapter"],
        "edition": ["Chapter", "Edition"],
        "exhibits": ["PlacedExhibit", "exhibit_html", "split_caption"],
        "front_matter": ["Report", "about_lines", "banner", "contents_entries", "provisional_note"],
        "notebooks": ["read_notebook"],
        "pages": ["report_files"],
        "parameters": ["read_edition"],
        "pictures": ["accessible_svg", "standalone_svg"],
        "planning": [
            "AbsentChapter",
            "ChapterRun",
            "chapter_runs",
            "check_chapters",
            "declared_parameters",
            "shared_parameters",
        ],
        "printing": ["find_browser", "print_report"],
        "review": ["review_files"],
        "progress": ["result_line", "show_progress"],
        "prose": ["chapter_numbers", "in_language", "put_back", "set_aside", "source_title"],
        "provenance": ["build_stamp", "package_digest", "run_record", "run_stamp", "write_record"],
        "references": ["cited_keys", "known_references"],
        "glossary": ["glossary_terms", "with_terms"],
        "anchors": ["anchored_paragraphs", "content_id", "with_own_ids"],
        "policy": ["content_policy", "css_string"],
        "search": ["search_index"],
        "whole": ["whole_report"],
        "citing": ["bibtex", "citation_line"],
        "written": ["all_pages", "quotable_numbers"],
        "words": ["needs_sentence", "word"],
    },
)
