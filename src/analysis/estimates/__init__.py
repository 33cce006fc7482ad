"""From counts to quantities with their uncertainty: rates, standardised rates, trends, survival, comparisons, shares.

Every function takes a table of counts made by ``analysis.counts`` and returns one row a stratum (or a stratum and
time), with an interval. What is undefined is missing, never a number.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "rates": ["incidence_rate"],
        "relative_survival": ["net_survival"],
        "standardised_curves": ["weighted_kaplan_meier"],
        "survival_standardisation": ["add_standard_weights", "age_standardised_survival", "survival_standard"],
        "standardisation": ["age_standardised_rate", "standard_weights"],
        "together": ["beside_counts"],
        "trends": ["annual_percent_change"],
        "survival": ["kaplan_meier"],
        "survival_summaries": [
            "conditional_survival",
            "median_survival",
            "restricted_mean_survival",
            "survival_at",
        ],
        "competing_risks": ["cumulative_incidence_function"],
        "comparison": ["log_rank_test"],
        "crude_mortality": ["crude_probability_of_death"],
        "expected": ["expected_survival"],
        "life_table_smoothing": ["smoothed_life_table"],
        "life_tables": ["note_year_length"],
        "net_comparison": ["net_log_rank_test"],
        "net_summaries": ["conditional_net_survival", "fleming_harrington_form", "net_survival_at"],
        "quality": ["follow_up_completeness", "proportion", "registry_completeness"],
    },
)
