"""VALID COHORT → ELIGIBLE CASES WITH FOLLOW-UP: classify, select by named criteria, follow to the closing date."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "age": ["add_age", "add_period"],
        "causes_of_death": ["tell_causes_apart"],
        "classification": ["add_pooled_group", "add_unclassified_reason", "classify_iccc3"],
        "eligibility": [
            "Criterion",
            "age_below",
            "age_from",
            "counted_tumour",
            "diagnosed_between",
            "first_primary",
            "followed_up",
            "in_countries",
            "in_group",
            "not_autopsy_only",
            "not_death_certificate_only",
            "select_eligible",
            "select_population",
        ],
        "followup": ["add_follow_up"],
        "icd10": ["add_icd10"],
        "indicators": ["filled_columns", "quality_indicators"],
        "newest_windows": ["select_newest_windows"],
        "primaries": [
            "add_tumour_sequence",
            "counted_primary",
            "later_primaries",
            "mark_multiple_primaries",
        ],
        "step_cache": ["remember_steps"],
        "stage": ["add_toronto_stage"],
        "windows": ["select_window"],
    },
)
