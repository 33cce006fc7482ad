"""The frame of a page: the template, what every page is given, and the policy that it obeys."""

from functools import cache, partial

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.report.files.page_words import word, words_in
from analysis.report.pages.markdown import TEMPLATES
from analysis.report.site.approvals import approval_lines, by_signer, state_words
from analysis.report.site.front_matter import Report, about_lines, banner, provisional_note
from analysis.report.site.policy import content_policy, running_heads


def template_text(path: str) -> str:
    """A file of the template as text."""
    return (TEMPLATES / path).read_text(encoding="utf-8")


def framed(template: str, report: Report, language: str, **more) -> str:
    """A page of the template with what surrounds it; ``more`` is what the page itself holds."""
    around = common_variables(report, language) | more
    # The style of the running heads stands in the page, and is allowed by its hash.
    policy = content_policy((around["heads"],))
    return environment().get_template(template).render(around | {"policy": policy})


def common_variables(report: Report, language: str) -> dict:
    """What every template is given, whatever the page holds."""
    return {
        "language": language,
        "words": words_in(language),
        "word": word,
        "words_of": words_in,
        "banner": banner,
        "invented": report.invented,
        "edition": report.edition,
        "provisional": provisional_note(report.edition, language),
        "about": about_lines(report.edition, language),
        "heads": running_heads(report.edition.title[language], ""),
        "root": "../",
        "switch": [],
        "reviewing": "",
        "approvals": partial(approval_lines, report),
        "state_words": state_words,
        "by_signer": by_signer,
    }


@cache
def environment() -> Environment:
    """Where the templates are and how they are read: everything that is not markup is escaped."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        # A name that a template misspells must stop the build, not print nothing.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
