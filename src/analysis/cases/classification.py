"""ICCC-3 from ICD-O-3. The rules are data: ``iccc3.csv``, one row a rule, the first that matches wins."""

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.cases.step_cache import cached_step
from analysis.errors import InputError
from analysis.strata import require_columns
from analysis.terms import POOLED_GROUPS, is_count_table

# Runs of codes, first and last.
Spans = tuple[tuple[int, int], ...]
VERSIONS = ("2005", "2008", "2017")
MALIGNANT = 3
UNCLASSIFIED = -1
ALL_GROUPS = "all"
# The classification takes non-malignant tumours inside the skull and the spine only: meninges, brain,
# spinal cord and nerves (C70–C72), pituitary, craniopharyngeal duct and pineal gland (C75.1–C75.3).
NON_MALIGNANT_SITES = ((700, 729), (751, 753))
CLASSES = ["iccc3_group", "iccc3_subgroup", "iccc3_extended"]
IN_SITU = 2
BEHAVIOURS = (0, 3)
SITES, MORPHOLOGIES = (0, 809), (8000, 9999)
# Why a tumour has no class: the first that holds, in this order.
REASONS = (
    "no_icdo3_code",
    "in_situ",
    "unknown_morphology",
    "non_malignant_outside_cns",
    "non_malignant_type",
    "site_of_no_rule",
)


@cached_step("topography", "morphology", "behaviour")
def classify_iccc3(cases: pd.DataFrame, version: str = "2017") -> pd.DataFrame:
    """Add the group, subgroup and extended group of the International Classification of Childhood Cancer.

    Reads ``topography`` ("C71.6" or "C716"), ``morphology`` ("9470" or 9470) and ``behaviour`` (0–3);
    adds ``iccc3_group`` ("III"), ``iccc3_subgroup`` ("III(c)", "V") and ``iccc3_extended``
    ("III(c).1"; the subgroup itself where it is not divided). All three are missing where the
    classification takes no such tumour: in situ, non-malignant outside the central nervous system,
    or a code that the version does not know.

    Parameters
    ----------
    cases
        One row a tumour. A table of counts comes back as it is: its diagnoses are its source's own.
    version
        ``"2017"`` (IARC/IACR update), ``"2008"`` (WHO) or ``"2005"`` (the first).

    Raises
    ------
    InputError
        The version is none of these.
    MissingStepError
        An ICD-O-3 column is absent.

    Notes
    -----
    Behaviour 0 and 1 count in group III and X(a) at C70–C72 and C75.1–C75.3 only. Countries register
    such tumours to a different degree; show counts with and without them.

    References
    ----------
    Steliarova-Foucher E, Stiller C, Lacour B, Kaatsch P. International Classification of Childhood
    Cancer, third edition. Cancer 2005;103:1457–67; IARC/IACR update 2017. Machine-readable rules:
    SEER (seer.cancer.gov/iccc), as parsed in imsweb/algorithms (BSD-3).

    Examples
    --------
    >>> tumours = pd.DataFrame({"topography": ["C71.6", "C692"], "morphology": [9470, "9510"], "behaviour": [3, 3]})
    >>> classify_iccc3(tumours)["iccc3_subgroup"].tolist()
    ['III(c)', 'V']
    """
    version = _known_version(version)
    if is_count_table(cases):
        return cases
    require_columns(cases, ["topography", "morphology", "behaviour"])
    tumours, position = _distinct_tumours(cases)
    rule = _first_match(tumours, version)[position]
    rules = _rules(version)[0]
    classes = {name: np.append(rules[name].to_numpy(object), None)[rule] for name in CLASSES}
    return cases.assign(
        **{
            name: pd.Series(column, index=cases.index, dtype=object)
            for name, column in classes.items()
        }
    )


def add_unclassified_reason(cases: pd.DataFrame, version: str = "2017") -> pd.DataFrame:
    """Add why the classification takes no such tumour; missing where it takes it.

    Reads ``topography morphology behaviour``; adds ``unclassified_reason``, one of

    - ``no_icdo3_code``: a site, morphology or behaviour that is missing or is no code;
    - ``in_situ``: behaviour 2, which ICCC-3 never takes;
    - ``unknown_morphology``: no rule of this version names the morphology;
    - ``non_malignant_outside_cns``: behaviour 0 or 1 outside the skull and the spine;
    - ``non_malignant_type``: behaviour 0 or 1 of a type that is taken when malignant only;
    - ``site_of_no_rule``: malignant, and no rule takes this morphology at this site.

    Every tumour has one class or one reason, whatever the codes.

    Parameters
    ----------
    cases
        One row a tumour. A table of counts comes back as it is.
    version
        As of `classify_iccc3`.

    Raises
    ------
    InputError
        The version is unknown.
    MissingStepError
        An ICD-O-3 column is absent.

    Examples
    --------
    >>> tumours = pd.DataFrame({"topography": ["C50.9", "C64.9"], "morphology": [8500, 8960], "behaviour": [2, 3]})
    >>> add_unclassified_reason(tumours)["unclassified_reason"].tolist()
    ['in_situ', None]
    """
    version = _known_version(version)
    if is_count_table(cases):
        return cases
    require_columns(cases, ["topography", "morphology", "behaviour"])
    tumours, position = _distinct_tumours(cases)
    reason = np.append(np.array(REASONS, dtype=object), None)[_reasons(tumours, version)]
    return cases.assign(
        unclassified_reason=pd.Series(reason[position], index=cases.index, dtype=object)
    )


def add_pooled_group(cases: pd.DataFrame) -> pd.DataFrame:
    """Add ``pooled_group``: I, II and III alone, IV–XII together, for strata too small for twelve groups.

    Reads ``iccc3_group``. Counts whose source groups cancers otherwise are one pool, ``all``.

    Examples
    --------
    >>> add_pooled_group(pd.DataFrame({"iccc3_group": ["III", "VI"]}))["pooled_group"].tolist()
    ['III', 'IV–XII']
    """
    if is_count_table(cases) and "iccc3_group" not in cases:
        return cases.assign(pooled_group=ALL_GROUPS)
    require_columns(cases, ["iccc3_group"])
    return cases.assign(pooled_group=cases["iccc3_group"].map(POOLED_GROUPS).astype(object))


def _known_version(version: str) -> str:
    if str(version) not in VERSIONS:
        raise InputError("classification", [f"version must be one of {', '.join(VERSIONS)}"])
    return str(version)


def _reasons(tumours: np.ndarray, version: str) -> np.ndarray:
    """The place in ``REASONS`` of each tumour's reason; the place behind the last where it has a class."""
    site, morphology, behaviour = tumours.T
    are_codes = (
        _within(site, (SITES,))
        & _within(morphology, (MORPHOLOGIES,))
        & _within(behaviour, (BEHAVIOURS,))
    )
    named = tuple(span for _, morphologies, _ in _rules(version)[1] for span in morphologies)
    # The order of REASONS: each reason is looked for among those that the ones before leave.
    conditions = [
        _first_match(tumours, version) != UNCLASSIFIED,
        ~are_codes,
        behaviour == IN_SITU,
        ~_within(morphology, named),
        (behaviour != MALIGNANT) & ~_within(site, NON_MALIGNANT_SITES),
        behaviour != MALIGNANT,
    ]
    return np.select(conditions, [len(REASONS), 0, 1, 2, 3, 4], 5)


def _distinct_tumours(cases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The distinct tumours as integers (site 716 for C71.6, morphology, behaviour), and each row's own.

    Rules are matched once for each of the few distinct tumours, not for each child. What is no code is -1.
    """
    columns, position = [], np.zeros(len(cases), dtype=np.int64)
    for column in ("topography", "morphology", "behaviour"):
        place, levels = pd.factorize(cases[column], use_na_sentinel=False)
        position = position * len(levels) + place
        columns.append(_code_numbers(pd.Series(levels)))
    keys, position = np.unique(position, return_inverse=True)
    sites, morphologies, behaviours = columns
    keys, behaviour = np.divmod(keys, max(len(behaviours), 1))
    site, morphology = np.divmod(keys, max(len(morphologies), 1))
    return np.column_stack([sites[site], morphologies[morphology], behaviours[behaviour]]), position


def _code_numbers(levels: pd.Series) -> np.ndarray:
    text = (
        levels.astype("string")
        .str.strip()
        .str.upper()
        .str.replace(r"^C(\d\d)\.?(\d)$", r"\1\2", regex=True)
    )
    return (
        pd.to_numeric(text, errors="coerce")
        .astype("float64")
        .fillna(-1)
        .to_numpy()
        .astype(np.int64)
    )


def _first_match(tumours: np.ndarray, version: str) -> np.ndarray:
    """The position of the first rule that takes each tumour, or -1."""
    rules, spans = _rules(version)
    site, morphology, behaviour = tumours.T
    inside = _within(site, NON_MALIGNANT_SITES)
    match = np.full(len(tumours), UNCLASSIFIED)
    # From the last rule to the first, so that the first that takes a tumour is the one that stands.
    for position in reversed(range(len(rules))):
        sites, morphologies, behaviours = spans[position]
        takes = (
            _within(site, sites)
            & _within(morphology, morphologies)
            & _within(behaviour, behaviours)
        )
        match[takes & ((behaviour == MALIGNANT) | inside)] = position
    return match


def _within(codes: np.ndarray, spans: Spans) -> np.ndarray:
    return np.logical_or.reduce([(codes >= first) & (codes <= last) for first, last in spans])


@cache
def _rules(version: str) -> tuple[pd.DataFrame, list[tuple]]:
    with files("analysis.cases").joinpath("iccc3.csv").open(encoding="utf-8") as lines:
        rules = pd.read_csv(lines, dtype=str, comment="#")
    rules = rules[rules["version"] == version].reset_index(drop=True)
    rules = rules.rename(
        columns={"group": "iccc3_group", "subgroup": "iccc3_subgroup", "extended": "iccc3_extended"}
    )
    spans = [
        (_spans(rule.topography), _spans(rule.morphology), _spans(rule.behaviour))
        for rule in rules.itertuples()
    ]
    return rules, spans


def _spans(codes: str) -> Spans:
    """``"C000-C419 C422"`` as ((0, 419), (422, 422))."""
    pairs = [code.replace("C", "").split("-") for code in codes.split()]
    return tuple((int(pair[0]), int(pair[-1])) for pair in pairs)
