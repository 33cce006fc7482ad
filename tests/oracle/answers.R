# The answers of R that tests/estimates compares with; run in this folder: Rscript answers.R
# Needs the package survival. Inputs: remission.csv (Freireich et al., Blood 1963;21:699-716, as in Kalbfleisch and
# Prentice 2002, section 1.1.2); delayed_entry.csv, causes.csv and rates.csv are invented.
library(survival)
options(digits = 17)

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

conf_types <- c("log-log", "log", "plain", "logit", "arcsin")

curves <- function(formula, cases, stratum) {
  do.call(rbind, lapply(conf_types, function(conf) {
    fit <- survfit(formula, data = cases, conf.type = conf)
    full <- summary(fit, censored = TRUE)
    data.frame(interval = conf, stratum = sub(".*=", "", as.character(full$strata)), time_days = full$time,
               at_risk = full$n.risk, events = full$n.event, censored = full$n.censor,
               survival = full$surv, standard_error = full$std.err, lower = full$lower, upper = full$upper)
  }))
}

remission <- read.csv("remission.csv")
keep(curves(Surv(weeks, relapse) ~ treatment, remission), "remission_curves")
delayed <- read.csv("delayed_entry.csv")
keep(curves(Surv(entry_days, follow_up_days, event) ~ sex, delayed), "delayed_entry_curves")

fit <- survfit(Surv(weeks, relapse) ~ treatment, data = remission, conf.type = "log-log")
half <- quantile(fit, probs = 0.5)
keep(data.frame(treatment = c("6-MP", "placebo"), median_days = as.numeric(half$quantile),
                lower_days = as.numeric(half$lower), upper_days = as.numeric(half$upper)), "remission_medians")

means <- summary(fit, rmean = 22)$table
keep(data.frame(treatment = c("6-MP", "placebo"), days = 22, mean_days = as.numeric(means[, "rmean"]),
                standard_error_days = as.numeric(means[, "se(rmean)"])), "remission_means")

test <- survdiff(Surv(weeks, relapse) ~ treatment, data = remission)
keep(data.frame(test_statistic = test$chisq, p_value = pchisq(test$chisq, 1, lower.tail = FALSE)), "remission_log_rank")

# Survival given ten weeks: the curve of those still followed then, who enter at ten weeks.
later <- subset(remission, weeks > 10)
later$entry <- 10
given <- summary(survfit(Surv(entry, weeks, relapse) ~ treatment, data = later, conf.type = "log-log"), times = 20)
keep(data.frame(treatment = c("6-MP", "placebo"), survival = given$surv, standard_error = given$std.err,
                lower = given$lower, upper = given$upper), "remission_given_ten")

causes <- read.csv("causes.csv")
causes$event <- factor(causes$event, levels = c("censored", "cancer", "other"))
fit <- survfit(Surv(follow_up_days, event) ~ sex, data = causes, conf.type = "log-log")
full <- summary(fit, censored = TRUE)
keep(do.call(rbind, lapply(2:3, function(state) {
  data.frame(cause = full$states[state], sex = sub(".*=", "", as.character(full$strata)), time_days = full$time,
             cumulative_incidence = full$pstate[, state], standard_error = full$std.err[, state],
             lower = full$lower[, state], upper = full$upper[, state])
})), "causes")

counts <- c(0, 1, 2, 3, 5, 10, 40, 200, 1500)
z <- qnorm(0.975)
keep(data.frame(cases = counts,
                exact_lower = ifelse(counts == 0, 0, qchisq(0.025, 2 * counts) / 2),
                exact_upper = qchisq(0.975, 2 * counts + 2) / 2,
                exact_lower_99 = ifelse(counts == 0, 0, qchisq(0.005, 2 * counts) / 2),
                exact_upper_99 = qchisq(0.995, 2 * counts + 2) / 2), "count_intervals")

# Standardisation as in Fay and Feuer 1997, with the weights of the world population (Segi, Doll).
rates <- read.csv("rates.csv", stringsAsFactors = FALSE)
ages <- c("0", "1-4", "5-9", "10-14", "15-17")
shares <- list("world-1960" = c(12 / 5, 12 * 4 / 5, 10, 9, 9 * 3 / 5), "european-2013" = c(1, 4, 5.5, 5.5, 5.5 * 3 / 5))
keep(do.call(rbind, lapply(names(shares), function(standard) do.call(rbind, lapply(c("A", "B"), function(land) {
  rows <- aggregate(cbind(cases, person_years) ~ age_group, data = subset(rates, country == land), FUN = sum)
  rows <- rows[match(ages, rows$age_group), ]
  w <- shares[[standard]] / sum(shares[[standard]]) / rows$person_years
  rate <- sum(w * rows$cases)
  var <- sum(w^2 * rows$cases)
  gamma_upper <- function(more, more_var) {
    qgamma(0.975, shape = (rate + more)^2 / (var + more_var), scale = (var + more_var) / (rate + more))
  }
  n <- sum(rows$cases)
  data.frame(standard = standard, country = land, rate = rate,
             gamma_lower = qgamma(0.025, shape = rate^2 / var, scale = var / rate),
             fay_feuer_upper = gamma_upper(max(w), max(w)^2), tiwari_upper = gamma_upper(mean(w), mean(w^2)),
             dobson_lower = rate + sqrt(var / n) * (qchisq(0.025, 2 * n) / 2 - n),
             dobson_upper = rate + sqrt(var / n) * (qchisq(0.975, 2 * n + 2) / 2 - n),
             normal_lower = rate - z * sqrt(var), normal_upper = rate + z * sqrt(var))
})))), "standardised")

trend <- function(rows, formula) {
  fit <- glm(formula, family = poisson, data = rows, control = list(epsilon = 1e-14, maxit = 100))
  dispersion <- sum(residuals(fit, "pearson")^2) / fit$df.residual
  slope <- unname(coef(fit)["year"])
  error <- sqrt(vcov(fit)["year", "year"] * max(1, dispersion))
  data.frame(annual_percent_change = 100 * expm1(slope), lower = 100 * expm1(slope - z * error),
             upper = 100 * expm1(slope + z * error), p_value = 2 * pnorm(-abs(slope / error)), dispersion = dispersion)
}
keep(do.call(rbind, lapply(c("A", "B"), function(land) {
  rows <- subset(rates, country == land)
  whole <- aggregate(cbind(cases, person_years) ~ year, data = rows, FUN = sum)
  rbind(cbind(country = land, adjusted = "yes", trend(rows, cases ~ year + age_group + offset(log(person_years)))),
        cbind(country = land, adjusted = "no", trend(whole, cases ~ year + offset(log(person_years)))))
})), "trends")

pairs <- data.frame(met = c(0, 1, 7, 39, 20), eligible = c(12, 1, 9, 100, 20))
wilson <- mapply(function(x, n) prop.test(x, n, correct = FALSE)$conf.int, pairs$met, pairs$eligible)
keep(cbind(pairs, lower = wilson[1, ], upper = wilson[2, ]), "proportions")
