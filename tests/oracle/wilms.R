# Relapse-free survival of the National Wilms Tumor Study (survival::nwtco), for the flow test on that extract.
# Run in this folder: Rscript wilms.R
library(survival)
at <- function(children, ages, formula, strata) {
  fit <- survfit(formula, data = children, conf.type = "log-log")
  found <- summary(fit, times = c(1, 5, 10) * 365.25, extend = FALSE)
  period <- if (strata) c("1979-1986", "1986-1994")[as.integer(found$strata)] else "all"
  data.frame(ages = ages, period = period, years = found$time / 365.25, at_risk = found$n.risk,
             survival = found$surv, lower = found$lower, upper = found$upper)
}
young <- nwtco[nwtco$age < 15 * 12, ] # age in months
answer <- rbind(at(nwtco, "all", Surv(edrel, rel) ~ 1, FALSE), at(young, "0-14", Surv(edrel, rel) ~ study, TRUE))
write.csv(format(answer, digits = 15), "answer_wilms.csv", row.names = FALSE, quote = FALSE)
