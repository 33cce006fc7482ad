"""``params/*.yml``: an edition of the report, read and checked as a whole."""

import difflib
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from analysis.errors import InputError
from analysis.report.edition.model import Edition
from analysis.report.files.page_words import plain_language

_SENTENCES = {
    "missing": "must be given",
    "int_type": "must be a whole number",
    "string_type": "must be text (put it in quotation marks)",
    "string_too_short": "must not be empty",
    "list_type": "must be a list",
    "dict_type": "must hold keys and values",
    "model_type": "must hold keys and values",
    "model_attributes_type": "must hold keys and values",
    "too_short": "must not be empty",
    "string_pattern_mismatch": 'must be a country code of two capital letters, such as "NO"',
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "greater_than": "must be more than {gt}",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "date_type": "must be a date such as 2023-12-31",
}


# A value that may be text or a mapping is reported once for each; the kind is not a key.
_KIND_OF_VALUE = re.compile(
    r"\.(str|dict\[.*?\]|constrained-str|\[key\]|chapter-(?:notebook|text))(?=$|\.)"
)


class _EditionLoader(yaml.SafeLoader):
    """Safe YAML in which only ``true`` and ``false`` are booleans, and no key is given twice.

    YAML 1.1 reads Norway's country code and the answer "no" as False.
    """

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, (key, (key_node, _)) in enumerate(zip(keys, node.value, strict=True)):
            if key in keys[:position]:
                raise yaml.MarkedYAMLError(
                    problem=f"{key} is given twice", problem_mark=key_node.start_mark
                )
        return super().construct_mapping(node, deep)


_EditionLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_EditionLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf")
)


def read_edition(path: str | Path) -> Edition:
    """Read an edition file; paths in it are seen from the folder that it lies in.

    Parameters
    ----------
    path
        A YAML file such as ``params/demo.yml``.

    Returns
    -------
    Edition
        Frozen, every key checked, every path resolved.

    Raises
    ------
    InputError
        With every fault at once, each as the key and what must hold.

    Notes
    -----
    A bare ``no`` or ``NO`` is text here, not the boolean that YAML 1.1 makes of it;
    among the languages ``no`` is read as ``nb``.
    """
    path = Path(path).resolve()
    what = f"edition {path.name}"
    keys = _read_mapping(path, what)
    notebooks = path.parent / str(keys.pop("notebooks", "../notebooks"))
    texts = path.parent / str(keys.pop("texts", "../chapters"))
    context = {"folder": path.parent, "notebooks": notebooks.resolve(), "texts": texts.resolve()}
    context["languages"] = [
        plain_language(code) for code in keys.get("languages") or [] if isinstance(code, str | bool)
    ]
    # A field of the record that only this function fills.
    reserved = ["path: unknown key"] if keys.pop("path", None) is not None else []
    try:
        own = {"path": path, "notebooks": context["notebooks"], "texts": context["texts"]}
        edition = Edition.model_validate({**keys, **own}, context=context)
    except ValidationError as error:
        faults = [_plain_fault(fault) for fault in error.errors()]
        raise InputError(what, reserved + faults) from None
    if reserved:
        raise InputError(what, reserved)
    return edition


def _read_mapping(path: Path, what: str) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8")
        # A ``_EditionLoader`` is a SafeLoader: it makes plain values only.
        content = yaml.load(text, Loader=_EditionLoader)
    except OSError:
        raise InputError(what, ["must be a file that can be read"]) from None
    except UnicodeDecodeError:
        raise InputError(
            what, ["must be a text file in UTF-8; this one is binary or in another encoding"]
        ) from None
    except yaml.YAMLError as error:
        raise InputError(what, [f"must be YAML{_where(error)}"]) from None
    if content is None:
        raise InputError(what, ["must not be empty"])
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise InputError(what, ["must hold keys and values, such as age_limit: 18"])
    return content


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "this is not text"
    return f": line {mark.line + 1}: {problem}" if mark else f": {problem}"


def _plain_fault(fault: dict[str, Any]) -> str:
    key = _key_in_file(fault["loc"])
    kind = fault["type"]
    if kind == "extra_forbidden":
        return f"{key}: unknown key{_suggestion(fault['loc'])}"
    if kind == "value_error":
        return f"{key}: {fault['ctx']['error']}"
    sentence = _SENTENCES.get(kind, fault["msg"][:1].lower() + fault["msg"][1:])
    return f"{key}: {sentence.format(**fault.get('ctx', {}))}"


def _key_in_file(parts: tuple[str | int, ...]) -> str:
    """``sources.cases.file``, ``chapters[3].notebook``: list entries are counted from 1."""
    path = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts)
    return _KIND_OF_VALUE.sub("", path).removeprefix(".")


def _suggestion(parts: tuple[str | int, ...]) -> str:
    # Below the first level there are too few keys for one of them to be what was meant.
    if len(parts) > 1:
        return ""
    near = difflib.get_close_matches(str(parts[0]), Edition.model_fields, n=1)
    return f"; did you mean {near[0]}?" if near else ""
