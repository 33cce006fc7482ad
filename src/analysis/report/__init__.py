"""CHAPTERS → ANNUAL REPORT: read an edition, run its notebooks, bind them into pages."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "binding": ["Page", "bind_chapter", "chapter_number"],
        "comparison": ["ComparedChapter", "Comparison", "compare_folders", "largest_changes"],
        "comparison_folder": ["WrittenComparison", "compare_editions"],
        "comparison_lines": ["Voice"],
        "building": ["Build", "build_report", "limits_of"],
        "deciding": ["Choice", "Decision", "choose_runs", "decide"],
        "dependencies": ["changes"],
        "edition": ["Chapter", "Edition"],
        "explaining": ["explain_build"],
        "exhibits": ["PlacedExhibit", "accessible_svg", "exhibit_html", "split_caption"],
        "notebooks": ["read_notebook"],
        "ordinary": ["run_ordinary"],
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
        "preview": ["preview_server"],
        "preparing": ["Offer", "Preparation"],
        "progress": ["result_line", "show_failures", "show_progress", "tell_events"],
        "prose": ["chapter_numbers", "in_language", "put_back", "set_aside", "source_title"],
        "published": ["PublishedEdition", "read_published"],
        "provenance": ["run_record"],
        "results": ["CellFault", "ChapterResult"],
        "tasks": ["Limits", "Message", "Task"],
        "warm": ["branch", "can_fork", "end_zygote", "run_warm", "start_zygote"],
        "watching": ["saved_changes", "watched_paths"],
        "work": ["Work"],
        "workshop": ["Workshop", "open_workshop"],
        "words": ["needs_sentence", "word"],
    },
)
