"""Estimates to what a reader may see: small numbers withheld, then words, tables and figures.

Every function that a reader sees takes ``language`` and ``minimum`` (the smallest publishable count),
withholds first, and returns an :class:`Exhibit`. Nothing else goes into a public folder.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "columns": ["value_label"],
        "figures.comparison_figures": ["expected_dots", "forest_plot", "slope_chart"],
        "figures.survival_figures": ["curve_panels", "survival_curves"],
        "exhibit": ["Exhibit"],
        "disclosure.fitted_trends": ["publish_fits"],
        "disclosure.flows": ["suppress_flow"],
        "figures.funnel_figures": ["funnel_plot"],
        "wording.goals": ["add_goal", "say_goal", "say_verdicts"],
        "language": [
            "say_count",
            "say_date",
            "say_estimate",
            "say_interval",
            "say_limits",
            "say_number",
            "say_p",
            "say_percent",
            "say_term",
            "say_value",
        ],
        "disclosure.age_panels": ["nested_panels"],
        "disclosure.published_tables": ["publish"],
        "figures.rate_figures": [
            "count_bars",
            "free_multiples",
            "rate_dots",
            "rate_lines",
            "small_multiples",
        ],
        "drawing.style": ["spread", "style_of"],
        "disclosure.suppressed_counts": ["suppress_counts", "suppression_marks"],
        "disclosure.suppressed_curves": ["suppress_curve"],
        "tables.tables": ["flow_table", "record_table", "table"],
    },
)
