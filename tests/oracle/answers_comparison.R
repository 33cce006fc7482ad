# The answers of R on comparisons of rates that tests/estimates compares with; run in this folder:
# Rscript answers_comparison.R
# Needs the packages Epi and epitools. Inputs: comparisons.csv and years.csv, both invented.
suppressMessages({library(Epi); library(epitools)})
options(digits = 17)

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}
root <- function(f, from, to) uniroot(f, c(from, to), tol = 1e-16, maxiter = 10000)$root

rates <- read.csv("comparisons.csv", stringsAsFactors = FALSE)
countries <- c("DK", "IS", "SE", "EE")
whole <- aggregate(cbind(cases, person_years) ~ country, rates, sum)
of <- function(country, column) whole[whole$country == country, column]

# Crude ratios: poisson.test's interval is the conditional exact one; its p value adds up unlikely outcomes, the central
# one doubles the smaller tail. Mid-p by solving for the limit, held against epitools, whose own search is coarse.
pair <- function(d1, y1, d0, y0) {
  n <- d1 + d0
  test <- poisson.test(c(d1, d0), c(y1, y0))
  share <- y1 / (y1 + y0)
  below <- function(p) pbinom(d1, n, p) - dbinom(d1, n, p) / 2
  as_ratio <- function(p) p / (1 - p) * y0 / y1
  lower <- if (d1 == 0) 0 else as_ratio(root(function(p) below(p) - 0.975, 1e-12, 1 - 1e-12))
  upper <- if (d0 == 0) NA else as_ratio(root(function(p) below(p) - 0.025, 1e-12, 1 - 1e-12))
  error <- sqrt(1 / d1 + 1 / d0)
  z <- qnorm(0.975)
  ratio <- (d1 / y1) / (d0 / y0)
  if (d1 > 0 && d0 > 0) {
    peer <- rateratio.midp(c(d0, d1, y0, y1))$measure[2, 2:3]
    stopifnot(abs(peer / c(lower, upper) - 1) < 5e-3)
    wald <- rateratio.wald(c(d0, d1, y0, y1))$measure[2, 2:3]
    stopifnot(abs(wald / (ratio * exp(c(-z, z) * error)) - 1) < 1e-9)
  }
  # Score interval of the difference: both rates at their likeliest, given the difference, found by search.
  statistic <- function(delta) {
    likelihood <- function(l0) -(y1 * (l0 + delta) + y0 * l0 - (if (d1 > 0) d1 * log(l0 + delta) else 0) -
                                   (if (d0 > 0) d0 * log(l0) else 0))
    slope <- function(l0) -(y1 + y0) + (if (d1 > 0) d1 / (l0 + delta) else 0) + (if (d0 > 0) d0 / l0 else 0)
    least <- max(0, -delta) + 1e-14
    l0 <- if (slope(least) <= 0) max(0, -delta) else root(slope, least, 10 * (d1 + d0 + 1) / min(y1, y0))
    (d1 / y1 - d0 / y0 - delta) / sqrt((l0 + delta) / y1 + l0 / y0)
  }
  centre <- d1 / y1 - d0 / y0
  far <- 20 * (d1 + d0 + 1) / min(y1, y0)
  data.frame(cases = d1, person_years = y1, reference_cases = d0, reference_person_years = y0,
             rate_ratio = if (d0 > 0) ratio else NA, exact_lower = test$conf.int[1],
             exact_upper = if (d0 > 0) test$conf.int[2] else NA,
             exact_p = min(1, 2 * min(pbinom(d1, n, share), pbinom(d1 - 1, n, share, lower.tail = FALSE))),
             mid_p_lower = lower, mid_p_upper = upper, mid_p_p = 2 * min(below(share), 1 - below(share)),
             wald_lower = if (d1 > 0 && d0 > 0) ratio * exp(-z * error) else if (d1 == 0) 0 else NA,
             wald_upper = if (d1 > 0 && d0 > 0) ratio * exp(z * error) else NA,
             difference = centre, difference_lower = root(function(x) statistic(x) - z, centre - far, centre),
             difference_upper = root(function(x) statistic(x) + z, centre, centre + far))
}
small <- list(c(0, 1000, 4, 3000), c(3, 1000, 0, 3000), c(1, 900, 1, 700), c(12, 1000, 3, 2500))
keep(rbind(do.call(rbind, lapply(countries, function(country) {
  pair(of(country, "cases"), of(country, "person_years"), of("NO", "cases"), of("NO", "person_years"))
})), do.call(rbind, lapply(small, function(x) do.call(pair, as.list(x))))), "rate_pairs")

table_of <- function(column, chosen) xtabs(as.formula(paste(column, "~ country + age_group")), rates)[chosen, ]
keep(do.call(rbind, lapply(countries, function(country) {
  chosen <- c("NO", country)
  capture.output(fit <- mh(table_of("cases", chosen), table_of("person_years", chosen) + 0, compare = 1,
                           levels = c(2, 1), cohort = TRUE, confidence = 0.95))
  chi <- fit$chisq
  data.frame(country = country, rate_ratio = c(fit$ratio), lower = c(fit$cl.lower), upper = c(fit$cl.upper),
             p_value = pchisq(c(chi), 1, lower.tail = FALSE))
})), "mantel_haenszel")

# Heterogeneity: Poisson regression with and without country; Q, tau squared and I2 of observed over expected by country.
heterogeneity <- function(rows, adjusted) {
  rows <- subset(rows, person_years > 0)
  control <- list(epsilon = 1e-14, maxit = 200)
  base <- if (adjusted) cases ~ age_group else cases ~ 1
  null <- glm(base, poisson, rows, offset = log(person_years), control = control)
  full <- glm(update(base, . ~ . + country), poisson, rows, offset = log(person_years), control = control)
  observed <- tapply(rows$cases, rows$country, sum)
  expected <- tapply(fitted(null), rows$country, sum)
  q <- sum((observed - expected)^2 / expected)
  df <- length(observed) - 1
  g <- null$deviance - full$deviance
  data.frame(adjusted = adjusted, test_statistic = g, degrees_of_freedom = df,
             p_value = pchisq(g, df, lower.tail = FALSE),
             tau_squared = max(0, q - df) / (sum(expected) - sum(expected^2) / sum(expected)),
             i_squared = max(0, q - df) / q)
}
keep(rbind(heterogeneity(rates, TRUE), heterogeneity(rates, FALSE)), "heterogeneity")

# The exact p value of few cases, every outcome counted: 2, 0 and 5 cases in person-years of 4 : 2 : 1.
years <- c(4000, 2000, 1000)
g_of <- function(d) 2 * sum(ifelse(d > 0, d * log(d / (sum(d) * years / sum(years))), 0))
outcomes <- subset(expand.grid(a = 0:7, b = 0:7, c = 0:7), a + b + c == 7)
probability <- apply(outcomes, 1, function(d) dmultinom(d, prob = years))
statistic <- apply(outcomes, 1, g_of)
keep(data.frame(p_value = sum(probability[statistic >= g_of(c(2, 0, 5)) - 1e-9])), "heterogeneity_exact")

# Funnel limits by Spiegelhalter's appendix: the quantile less the part of its probability that is too much.
between <- function(r, p, F) (r - (F(r) - p) / (F(r) - F(r - 1)))
funnel <- function(measure, size, target) {
  one <- function(p) mapply(function(n) {
    r <- if (measure == "share") qbinom(p, n, target) else qpois(p, n * target)
    F <- function(k) if (measure == "share") pbinom(k, n, target) else ppois(k, n * target)
    max(0, between(r, p, F)) / n
  }, size)
  # The exact upper limit, from the probability of a count or more: the published one, one count higher.
  higher <- function(y) if (measure == "share") pmin(y + 1 / size, 1) else y + 1 / size
  data.frame(measure = measure, size = size, target = target, lower_95 = one(0.025), upper_95 = one(0.975),
             lower_998 = one(0.001), upper_998 = one(0.999), exact_upper_95 = higher(one(0.975)),
             exact_upper_998 = higher(one(0.999)))
}
keep(rbind(funnel("share", c(1, 2, 7, 40, 300), 0.83), funnel("share", c(5, 60), 0.4),
           funnel("ratio", c(0.2, 1.7, 9, 120), 1), funnel("rate", c(900, 15000, 260000), 1.6e-4)), "funnel")

# Ranks by all pairwise exact tests, p values doubled from the smaller tail and adjusted by Holm.
pairs <- t(combn(whole$country, 2))
p <- apply(pairs, 1, function(x) {
  d <- c(of(x[1], "cases"), of(x[2], "cases"))
  share <- of(x[1], "person_years") / (of(x[1], "person_years") + of(x[2], "person_years"))
  min(1, 2 * min(pbinom(d[1], sum(d), share), pbinom(d[1] - 1, sum(d), share, lower.tail = FALSE)))
})
differ <- pairs[p.adjust(p, "holm") <= 0.2, , drop = FALSE]
rate <- setNames(whole$cases / whole$person_years, whole$country)
keep(data.frame(country = whole$country, rank = rank(-rate, ties.method = "min") + 0,
                rank_lower = 1 + vapply(whole$country, function(x) {
                  others <- c(differ[differ[, 1] == x, 2], differ[differ[, 2] == x, 1])
                  sum(rate[others] > rate[x])
                }, 0) , rank_upper = nrow(whole) - vapply(whole$country, function(x) {
                  others <- c(differ[differ[, 1] == x, 2], differ[differ[, 2] == x, 1])
                  sum(rate[others] < rate[x])
                }, 0)), "ranks")

# A year against those before it.
history <- read.csv("years.csv", stringsAsFactors = FALSE)
before <- subset(history, year < 2023)
this <- subset(history, year == 2023)
counts <- 0:400
d0 <- sum(before$cases)
share <- sum(this$person_years) / sum(this$person_years, before$person_years)
few <- pbinom(counts, counts + d0, share)
many <- pbinom(counts - 1, counts + d0, share, lower.tail = FALSE)
observed <- sum(this$cases)
constant <- data.frame(model = "constant", expected = d0 * share / (1 - share), lower = min(counts[few > 0.025]),
                       upper = max(counts[many > 0.025]),
                       p_value = 2 * min(few[counts == observed], many[counts == observed]))
fitted_model <- function(model, formula) {
  fit <- glm(formula, poisson, before, offset = log(person_years), control = list(epsilon = 1e-14, maxit = 200))
  o <- tapply(before$cases, before$year, sum)
  e <- tapply(fitted(fit), before$year, sum)
  dispersion <- max(1, sum((o - e)^2 / e) / (length(o) - 1 - (model == "trend")))
  x <- model.matrix(delete.response(terms(fit)), this)
  means <- this$person_years * exp(c(x %*% coef(fit)))
  gradient <- colSums(means * x)
  mean <- sum(means)
  variance <- dispersion * (mean + c(t(gradient) %*% vcov(fit) %*% gradient))
  size <- mean^2 / (variance - mean)
  few <- pnbinom(counts, size, mu = mean)
  many <- pnbinom(counts - 1, size, mu = mean, lower.tail = FALSE)
  data.frame(model = model, expected = mean, lower = min(counts[few > 0.025]), upper = max(counts[many > 0.025]),
             p_value = 2 * min(few[counts == observed], many[counts == observed]))
}
keep(rbind(constant, fitted_model("overdispersed", cases ~ age_group), fitted_model("trend", cases ~ age_group + year)),
     "unusual_year")
