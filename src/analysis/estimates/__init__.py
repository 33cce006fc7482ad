"""From counts to quantities with their uncertainty: rates, standardised rates, trends, survival, comparisons, shares.

Every function takes a table of counts made by ``analysis.counts`` and returns one row a stratum (or a stratum and
time), with an interval. What is undefined is missing, never a number.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "rates": ["incidence_rate"],
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
        "comparison": ["log_rank_test", "observed_and_expected"],
        "differences": ["survival_differences", "survival_heterogeneity"],
        "follow_up_splits": ["hazard_ratios_by_time", "split_follow_up"],
        "gray": ["gray_test"],
        "proportional_hazards": ["hazard_ratios", "term_tests"],
        "proportionality": ["proportional_hazards_test"],
        "quality": ["follow_up_completeness", "proportion", "registry_completeness"],
        "subdistribution": ["censor_other_causes", "fine_gray_weights"],
    },
)
