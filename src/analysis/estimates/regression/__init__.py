"""Regression of survival on covariates of children."""
