"""The demonstration cohort: children who never lived, drawn from published rates.

Who falls ill is drawn in ``incidence``, how it goes in ``survival_times``, what is recorded of the
tumour and its treatment in ``tumour_records``; the figures behind all three stand beside them, with a
README that names their sources.
"""

import numpy as np
import pandas as pd

from analysis.register.demonstration.incidence import draw_children
from analysis.register.demonstration.population import (
    demonstration_life_table,
    demonstration_population,
)
from analysis.register.demonstration.survival_times import add_fate, draw_second_primaries
from analysis.register.demonstration.tumour_records import (
    add_care,
    add_diagnosis,
    add_registration,
    add_relapse,
    add_tumour,
)

__all__ = ["demonstration_cases", "demonstration_life_table", "demonstration_population"]

COLUMNS = [
    "case_id",
    "person_id",
    "country",
    "region",
    "hospital",
    "sex",
    "birth_date",
    "diagnosis_date",
    "registration_date",
    "last_contact_date",
    "vital_status",
    "cause_of_death",
    "topography",
    "morphology",
    "behaviour",
    "basis_of_diagnosis",
    "stage",
    "laterality",
    "grade",
    "autopsy_only",
    "surgery",
    "chemotherapy",
    "radiotherapy",
    "mdt_meeting",
    "study_protocol",
    "relapse",
    "relapse_date",
]


def demonstration_cases(seed: int = 1985) -> pd.DataFrame:
    """The tumours of the demonstration: one row a tumour, every column of the contract.

    Parameters
    ----------
    seed
        Another seed gives other children from the same rates; the same seed the same children.

    Returns
    -------
    pandas.DataFrame
        Cases in the contract's columns, by country and date of diagnosis: eight countries,
        diagnosed 1985–2023 below 18 years of age, followed to 2023-12-31. Every ``case_id`` and
        ``person_id`` starts with ``demo-``.

    Notes
    -----
    Counts are Poisson by area, year, sex, age and ICCC-3 subgroup; a tumour that is fatal leads to
    death after a log-normal time, the others are cured, and everybody carries the mortality of the
    life table besides. How many courses are fatal in a country and year is held to what the rates
    expect, so survival there varies less than it would in real children. No figure made from these
    children says anything about real ones.

    Examples
    --------
    >>> cases = demonstration_cases()
    >>> bool(cases["person_id"].str.startswith("demo-").all())
    True
    """
    # A stream of its own for each step, so that a change in one leaves what the others draw.
    illness, tumour, fate, relapse, second, diagnosis, care, notice = np.random.Generator(
        np.random.PCG64(seed)
    ).spawn(8)
    children = add_tumour(draw_children(demonstration_population(), illness), tumour)
    children = add_relapse(add_fate(children, demonstration_life_table(), fate), relapse)
    children["person_id"] = _numbered("demo-P", children)
    tumours = pd.concat([children, add_tumour(draw_second_primaries(children, second), second)])
    tumours = tumours.sort_values(["country", "diagnosis_date", "person_id"], ignore_index=True)
    tumours = add_registration(add_care(add_diagnosis(tumours, diagnosis), care), notice)
    tumours["case_id"] = _numbered("demo-T", tumours)
    return tumours[COLUMNS]


def _numbered(prefix: str, rows: pd.DataFrame) -> list[str]:
    return [f"{prefix}{number:06d}" for number in range(1, len(rows) + 1)]
