# The answers of R on trends that tests/estimates compares with; run in this folder: Rscript answers_trends.R
# Needs the packages Epi, mgcv and segmented. Inputs trends.csv and lexis.csv are invented: country A bends in 1997 and
# has many cases, B few, with years and ages unobserved and without a case, C varies more than by chance.
suppressMessages({library(Epi); library(mgcv); library(segmented)})
options(digits = 17)
z <- qnorm(0.975)

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

observed <- function(rows) {
  rows <- subset(rows, person_years > 0)
  rows[ave(rows$cases, rows$age_group, FUN = sum) > 0, ]
}
trends <- read.csv("trends.csv", stringsAsFactors = FALSE)
tables <- c(setNames(lapply(c("A", "B", "C"), function(land) observed(subset(trends, country == land))), c("A", "B", "C")),
            lapply(c(A_whole = "A", B_whole = "B", C_whole = "C"), function(land) {
              cbind(age_group = "all", aggregate(cbind(cases, person_years) ~ year, FUN = sum,
                                                 data = subset(trends, country == land & person_years > 0)))
            }))

since <- function(rows, taus) vapply(taus, function(tau) pmax(rows$year - tau, 0), numeric(nrow(rows)))
design <- function(rows, taus) {
  ages <- if (length(unique(rows$age_group)) > 1) model.matrix(~ age_group, rows) else cbind(rep(1, nrow(rows)))
  cbind(ages, year = rows$year - 1997, matrix(since(rows, taus), nrow(rows)))
}
fit_at <- function(rows, taus) {
  suppressWarnings(glm.fit(design(rows, taus), rows$cases, offset = log(rows$person_years), family = poisson(),
                           control = list(epsilon = 1e-14, maxit = 100)))
}

# Brute force: a glm at every placement with two observed years beside and between joinpoints.
placements <- function(years, k) {
  if (k == 0) return(matrix(0, 1, 0))
  at <- t(combn(seq_along(years), k))
  far <- apply(cbind(0, at, length(years) + 1), 1, function(row) min(diff(row))) > 2
  matrix(years[at[far, ]], ncol = k)
}
pinned <- function(rows, taus) {
  years <- sort(unique(rows$year))
  cases <- tapply(rows$cases, rows$year, sum)
  ends <- c(min(years), taus, max(years))
  all(vapply(seq_len(length(ends) - 1), function(j) {
    on <- sum(cases[years >= ends[j] & years <= ends[j + 1]] > 0)
    inside <- sum(cases[years > ends[j] & years < ends[j + 1]] > 0)
    on >= 2 || inside >= 1
  }, logical(1)))
}
place <- function(rows, k) {
  grid <- placements(sort(unique(rows$year)), k)
  grid <- grid[apply(grid, 1, function(taus) pinned(rows, taus)), , drop = FALSE]
  list(grid = grid, deviance = apply(grid, 1, function(taus) fit_at(rows, taus)$deviance))
}
answers <- lapply(names(tables), function(name) {
  rows <- tables[[name]]
  lapply(0:3, function(k) {
    if (length(unique(rows$year)) < 5 * k + 2) return(NULL)
    found <- place(rows, k)
    taus <- found$grid[which.min(found$deviance), ]
    fit <- fit_at(rows, taus)
    mu <- fit$fitted.values
    dispersion <- sum((rows$cases - mu)^2 / mu) / (fit$df.residual - k)
    wide <- max(1, dispersion)
    near <- found$grid[found$deviance <= min(found$deviance) + wide * qchisq(0.95, 1), , drop = FALSE]
    X <- design(rows, taus)
    V <- wide * solve(t(X) %*% (X * mu))
    slopes <- ncol(X) - k + (0:k)
    sums <- matrix(0, k + 1, ncol(X))
    sums[, slopes] <- lower.tri(diag(k + 1), diag = TRUE) * 1
    slope <- as.vector(sums %*% fit$coefficients)
    error <- sqrt(diag(sums %*% V %*% t(sums)))
    first <- c(min(rows$year), taus)
    last <- c(taus, max(rows$year))
    span <- pmax(pmin(last, 2006) - pmax(first, 1994), 0) / 12
    average <- sum(span * slope)
    average_error <- sqrt(as.vector(t(span) %*% sums %*% V %*% t(sums) %*% span))
    segments <- data.frame(
      table = name, joinpoints = k, segment = 1:(k + 1), first_year = first, last_year = last,
      annual_percent_change = 100 * expm1(slope), lower = 100 * expm1(slope - z * error),
      upper = 100 * expm1(slope + z * error), p_value = 2 * pnorm(-abs(slope / error)),
      joinpoint = c(NA, taus), joinpoint_lower = c(NA, if (k) apply(near, 2, min)),
      joinpoint_upper = c(NA, if (k) apply(near, 2, max)), dispersion = dispersion, deviance = fit$deviance,
      average = 100 * expm1(average), average_lower = 100 * expm1(average - z * average_error),
      average_upper = 100 * expm1(average + z * average_error), average_p = 2 * pnorm(-abs(average / average_error)))
    line <- do.call(rbind, lapply(sort(unique(rows$year)), function(y) {
      here <- rows$year == y
      gradient <- (mu[here] / sum(mu[here])) %*% X[here, , drop = FALSE]
      margin <- exp(z * sqrt(as.vector(gradient %*% V %*% t(gradient))))
      person_years <- with(subset(trends, country == substr(name, 1, 1) & year == y), sum(person_years))
      fitted <- 1e6 * sum(mu[here]) / person_years
      data.frame(table = name, joinpoints = k, year = y, fitted = fitted, lower = fitted / margin, upper = fitted * margin)
    }))
    list(segments = segments, line = line)
  })
})
answers <- unlist(answers, recursive = FALSE)
keep(do.call(rbind, lapply(answers, `[[`, "segments")), "joinpoints")
keep(do.call(rbind, lapply(answers, `[[`, "line")), "fitted_trends")

# A break at any time, not at whole years only.
rows <- tables$A_whole
free <- segmented(glm(cases ~ year + offset(log(person_years)), family = poisson, data = rows), seg.Z = ~year, psi = 1996)
keep(data.frame(joinpoint = free$psi[, "Est."], slope_before = slope(free)$year[1, "Est."],
                slope_after = slope(free)$year[2, "Est."]), "segmented")

# Penalised splines, smoothing by restricted likelihood.
keep(do.call(rbind, lapply(names(tables), function(name) {
  rows <- tables[[name]]
  splines <- length(unique(rows$year)) %/% 4 + 4
  rows$age_group <- factor(rows$age_group)
  formula <- cases ~ s(year, bs = "ps", k = splines, m = c(2, 2)) + offset(log(person_years))
  if (nlevels(rows$age_group) > 1) formula <- update(formula, . ~ . + age_group)
  fit <- gam(formula, family = poisson, data = rows, method = "REML",
             control = gam.control(epsilon = 1e-10, newton = list(conv.tol = 1e-9)))
  mu <- fitted(fit)
  dispersion <- sum((rows$cases - mu)^2 / mu) / (nrow(rows) - sum(fit$edf))
  V <- fit$Vp * max(1, dispersion)
  X <- predict(fit, type = "lpmatrix")
  do.call(rbind, lapply(sort(unique(rows$year)), function(y) {
    here <- rows$year == y
    gradient <- (mu[here] / sum(mu[here])) %*% X[here, , drop = FALSE]
    margin <- exp(z * sqrt(as.vector(gradient %*% V %*% t(gradient))))
    person_years <- with(subset(trends, country == substr(name, 1, 1) & year == y), sum(person_years))
    smooth <- 1e6 * sum(mu[here]) / person_years
    data.frame(table = name, year = y, smooth_rate = smooth, lower = smooth / margin, upper = smooth * margin,
               effective_degrees_of_freedom = sum(fit$edf) - nlevels(rows$age_group))
  }))
})), "smooth_trends")

# Age, period, cohort. Epi's answers are for a Poisson count; the dispersion stands beside them.
lexis <- read.csv("lexis.csv", stringsAsFactors = FALSE)
parts <- lapply(c("many", "few"), function(land) {
  rows <- subset(lexis, country == land)
  rows$A <- as.numeric(sub("-.*", "", rows$age_group))
  rows$P <- as.numeric(sub("-.*", "", rows$period))
  repeat {
    some <- ave(rows$cases, rows$P - rows$A, FUN = sum) > 0 & ave(rows$cases, rows$A, FUN = sum) > 0 &
      ave(rows$cases, rows$P, FUN = sum) > 0
    if (all(some)) break
    rows <- rows[some, ]
  }
  D <- rows$cases; Y <- rows$person_years; A <- rows$A; P <- rows$P
  fit <- apc.fit(A = A, P = P, D = D, Y = Y, model = "factor", parm = "AdCP", dr.extr = "Y",
                 npar = c(A = 5, P = 5, C = 5), print.AOV = FALSE)
  full <- glm(D ~ factor(A) + factor(P) + factor(P - A) + offset(log(Y)), family = poisson,
              control = list(epsilon = 1e-10, maxit = 100))
  dispersion <- sum(residuals(full, "pearson")^2) / full$df.residual
  # Without deviations of age: period and cohort alone hold the straight lines of all three.
  no_ages <- glm(D ~ factor(P) + factor(P - A) + offset(log(Y)), family = poisson,
                 control = list(epsilon = 1e-10, maxit = 100))
  tested <- function(label) unlist(fit$Anova[trimws(fit$Anova[["H0      "]]) == label, c("Test df.", "Test dev.")])
  cohort <- tested("Coh eff|Per"); period <- tested("Per eff|Coh")
  tests <- data.frame(country = land, effect = c("age", "period", "cohort"), dispersion = dispersion,
                      deviance = c(no_ages$deviance - full$deviance, period[2], cohort[2]),
                      degrees_of_freedom = c(no_ages$df.residual - full$df.residual, period[1], cohort[1]))
  estimated <- function(effect, table) {
    data.frame(effect = effect, value = table[, 1], deviation = log(table[, 2]), lower = log(table[, 3]),
               upper = log(table[, 4]))
  }
  effects <- rbind(estimated("period", fit$Per), estimated("cohort", fit$Coh))
  # The ages of this fit are rates within a cohort; less their weighted line, they are the deviations of age.
  at <- match(A, fit$Age[, 1])
  line <- lm(log(fit$Age[, 2])[at] ~ A, weights = Y)
  ages <- data.frame(effect = "age", value = fit$Age[, 1], lower = NA, upper = NA,
                     deviation = log(fit$Age[, 2]) - predict(line, data.frame(A = fit$Age[, 1])))
  drift <- log(fit$Drift[1, ])
  longitudinal <- unname(coef(line)["A"])
  list(tests = tests, effects = cbind(country = land, rbind(effects, ages[, names(effects)])),
       drift = data.frame(country = land, drift = drift[1], lower = drift[2], upper = drift[3], longitudinal = longitudinal,
                          dispersion = dispersion))
})
keep(do.call(rbind, lapply(parts, `[[`, "tests")), "cohort_tests")
keep(do.call(rbind, lapply(parts, `[[`, "effects")), "cohort_deviations")
keep(do.call(rbind, lapply(parts, `[[`, "drift")), "net_drift")

# Single years of age, each at its own level.
rows <- subset(lexis, country == "few")
fit <- glm(cases ~ year + age + offset(log(person_years)), family = poisson, control = list(epsilon = 1e-14, maxit = 100),
           data = data.frame(cases = rows$cases, person_years = rows$person_years, year = as.numeric(rows$period),
                             age = factor(rows$age_group)))
dispersion <- sum(residuals(fit, "pearson")^2) / fit$df.residual
slope <- unname(coef(fit)["year"])
error <- sqrt(vcov(fit)["year", "year"] * max(1, dispersion))
keep(data.frame(annual_percent_change = 100 * expm1(slope), lower = 100 * expm1(slope - z * error),
                upper = 100 * expm1(slope + z * error), p_value = 2 * pnorm(-abs(slope / error)),
                dispersion = dispersion), "trend_single_ages")
