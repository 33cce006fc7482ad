"""From eligible cases and population to sufficient statistics: event tables, case counts, person-years, rate tables.

Everything after this stage works on counts. Counts of disjoint pieces add up to the counts of the whole, so
the same estimators serve one file, a scan in pieces, and counts that another country sends instead of children.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "addition": ["add_event_tables"],
        "casecounts": ["case_counts"],
        "events": ["event_table"],
        "person_time_cells": ["person_time"],
        "age_panels_of_counts": ["age_panels"],
        "prevalence_tables": ["prevalence_table"],
        "survivors": ["prevalent_cases", "survivor_times"],
        "persontime": ["person_years"],
        "ratetable": ["rate_table"],
    },
)
