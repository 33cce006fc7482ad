"""CHAPTERS → ANNUAL REPORT: read an edition, run its notebooks, bind them into pages."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "build.building": ["build_report", "limits_of"],
        "build.plan": ["Choice", "explain_build"],
        "build.sources": ["SourcesTask"],
        "build.verify": ["verify_report"],
        "cluster.dask_cluster": ["open_cluster"],
        "cluster.slurm": ["open_slurm"],
        "compare.comparison_folder": ["compare_editions"],
        "compare.comparison_lines": ["NumberWords"],
        "edition.chapters": ["check_chapters"],
        "edition.read": ["read_edition"],
        "edition.sign_off_record": ["sign_offs_path"],
        "files.notebooks": ["read_notebook"],
        "files.page_words": ["words_in"],
        "pages.translation_catalogues": ["check_translations", "update_catalogues"],
        "pages.translations": ["prose_messages", "translate_notebook"],
        "review.collecting": ["collect_comments"],
        "review.signing": ["Asked", "sign_chapters"],
        "site.drafts": ["read_draft"],
        "site.pdf": ["find_browser", "print_report"],
        "tasks.session": ["open_session", "shared_process"],
        "tasks.task": ["Limits", "Task"],
    },
)
