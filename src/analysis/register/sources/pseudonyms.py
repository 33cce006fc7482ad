"""Pseudonyms: a keyed hash in the place of a registry's own numbers for persons and tumours."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping as MappingType
from pathlib import Path

import pandas as pd

from analysis.register.mapping.mapping_file import Mapping as Rules
from analysis.register.sources.survey import INVENTED_PREFIX

KEY_VARIABLE = "WORKBENCH_PSEUDONYM_KEY"
# 80 bits: among ten million persons the chance that two share a pseudonym is one in ten thousand million.
HEX_DIGITS = 20
IDENTIFIERS = ("person_id", "case_id")


def pseudonym_key(source: MappingType) -> bytes:
    """The key of a build: that of the environment, else one that only the extract itself gives.

    Parameters
    ----------
    source
        As an edition writes it, with ``file`` or ``database``.

    Notes
    -----
    Without a key in ``WORKBENCH_PSEUDONYM_KEY``, pseudonyms are of one extract: another extract, or one
    row more, gives all persons other pseudonyms, and nobody without the whole extract can make them.
    A database gives no file to make a key from: its pseudonyms differ from build to build.
    No number of a report depends on the key.
    """
    key = os.environ.get(KEY_VARIABLE, "")
    if key:
        return key.encode()
    if not source.get("file"):
        return secrets.token_bytes(32)
    content = hashlib.sha256(b"pseudonyms of this extract\0")
    with Path(source["file"]).open("rb") as lines:
        while block := lines.read(1 << 20):
            content.update(block)
    return content.digest()


def add_pseudonyms(cases: pd.DataFrame, rules: Rules | None, key: bytes) -> pd.DataFrame:
    """Put a pseudonym in the place of ``person_id`` and ``case_id``: both lead back to a child.

    .. math:: \\text{pseudonym} = \\text{HMAC-SHA-256}_{key}(\\text{column}, 0, \\text{identifier})_{1…20}

    Reads and replaces ``person_id`` and ``case_id``; 20 hexadecimal digits. Left as they are: a column that
    its mapping calls ``pseudonymous``, and invented children (``demo-``), whose mark must stay.

    Examples
    --------
    >>> tumours = pd.DataFrame({"person_id": ["17", "17", "demo-1"]})
    >>> add_pseudonyms(tumours, None, b"a key")["person_id"].tolist()
    ['c399b19f55e9334e359e', 'c399b19f55e9334e359e', 'demo-1']
    """
    replaced = {
        name: _hashed(cases[name], key)
        for name in IDENTIFIERS
        if name in cases and not _is_pseudonymous(name, rules)
    }
    return cases.assign(**replaced)


def _is_pseudonymous(name: str, rules: Rules | None) -> bool:
    """Whether a mapping says that a column, or the whole extract, has pseudonyms already."""
    if rules is None:
        return False
    return rules.pseudonymous or (name in rules.columns and rules.columns[name].pseudonymous)


def _hashed(column: pd.Series, key: bytes) -> pd.Series:
    # The column is hashed too: a tumour with the number of its child must not share her pseudonym.
    of_column = f"{column.name}\0".encode()
    pseudonyms = {}
    for name in column.dropna().unique():
        identifier = of_column + name.encode(errors="surrogatepass")
        digest = hmac.digest(key, identifier, "sha256").hex()[:HEX_DIGITS]
        pseudonyms[name] = name if name.startswith(INVENTED_PREFIX) else digest
    return column.map(pseudonyms).astype(object)
