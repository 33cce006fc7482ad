"""The flow of the workbench, and the order in which its stages are read.

register   an extract becomes a valid cohort
cases      the cohort becomes eligible cases with follow-up
counts     cases and population become sufficient statistics
estimates  counts become quantities with uncertainty
display    estimates become what a reader may see; ``report`` binds chapters into the annual report
"""
