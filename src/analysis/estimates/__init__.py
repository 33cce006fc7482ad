"""From counts to quantities with their uncertainty: rates, standardised rates, trends, survival, comparisons, shares.

Every function takes a table of counts made by ``analysis.counts`` and returns one row a stratum (or a stratum and
time), with an interval. What is undefined is missing, never a number.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "point_prevalence": ["completed_prevalence", "completeness_index", "prevalence"],
        "survivor_projection": ["projected_survivors"],
        "funnel": ["funnel_curve", "funnel_limits"],
        "heterogeneity": ["heterogeneity_test"],
        "ranking": ["rank_interval"],
        "surveillance": ["observed_against_expected"],
        "rate_comparison": ["rate_difference", "rate_ratio"],
        "rates": ["incidence_rate"],
        "standard_populations": ["standard_weights"],
        "standardisation": ["age_contributions", "age_standardised_rate"],
        "standardised_ratios": ["standardised_rate_ratio"],
        "cumulative_rates": ["cumulative_rate"],
        "indirect": ["expected_cases", "standardised_incidence_ratio"],
        "sexes": ["sex_ratio"],
        "together": ["beside_counts"],
        "trends": ["annual_percent_change"],
        "joinpoints": ["joinpoint"],
        "segments": ["average_annual_percent_change", "fitted_trend"],
        "smoothing": ["smooth_trend"],
        "cohorts": ["age_period_cohort", "age_period_cohort_tests", "net_drift"],
        "survival": ["kaplan_meier"],
        "hazards": ["exponential_survival", "nelson_aalen"],
        "survival_summaries": ["conditional_survival", "cumulative_incidence_at", "survival_at"],
        "quantiles": ["median_survival", "survival_quantile"],
        "restricted_means": ["restricted_mean_difference", "restricted_mean_survival"],
        "risk_sets": ["emptied_risk_sets", "numbers_at_risk"],
        "competing_risks": ["cumulative_incidence_by_cause", "cumulative_incidence_function"],
        "comparison": ["log_rank_test"],
        "quality": ["follow_up_completeness", "proportion", "registry_completeness"],
    },
)
