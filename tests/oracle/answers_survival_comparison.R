# The answers of R to comparisons of groups, that tests/estimates compares with; run in this folder: Rscript
# answers_survival_comparison.R. Needs the packages survival and cmprsk. Input: compared.csv, invented children followed from
# diagnosis (or from entry_days on, where a model says so), with many ties.
suppressMessages({library(survival); library(cmprsk)})
options(digits = 17)

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

children <- read.csv("compared.csv", stringsAsFactors = FALSE)
children$event <- as.integer(children$cause != "censored")
children$cancer <- as.integer(children$cause == "cancer")
children$row <- seq_len(nrow(children))
countries <- sort(unique(children$country))

# --- log-rank family -------------------------------------------------------------------------------------------------
of_test <- function(fit, ...) {
  df <- length(fit$n) - 1
  data.frame(..., test_statistic = fit$chisq, degrees_of_freedom = df, p_value = pchisq(fit$chisq, df, lower.tail = FALSE))
}
tests <- do.call(rbind, lapply(c(0, 0.5, 1), function(rho) rbind(
  of_test(survdiff(Surv(follow_up_days, event) ~ country, children, rho = rho), strata = "", rho = rho),
  of_test(survdiff(Surv(follow_up_days, event) ~ country + strata(sex), children, rho = rho), strata = "sex", rho = rho),
  of_test(survdiff(Surv(follow_up_days, event) ~ country + strata(sex, period), children, rho = rho),
          strata = "sex+period", rho = rho)
)))
keep(tests, "log_rank_tests")

expected <- function(fit, strata, rho) {
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  data.frame(strata = strata, rho = rho, country = countries, observed = total(fit$obs), expected = total(fit$exp))
}
keep(rbind(expected(survdiff(Surv(follow_up_days, event) ~ country, children, rho = 1), "", 1),
           expected(survdiff(Surv(follow_up_days, event) ~ country, children), "", 0),
           expected(survdiff(Surv(follow_up_days, event) ~ country + strata(sex), children), "sex", 0)),
     "log_rank_expected")

# What survdiff does not offer, time by time from the definition (Klein and Moeschberger 2003, sections 7.3 to 7.5).
by_definition <- function(rows, weigh) {
  times <- sort(unique(rows$follow_up_days[rows$event == 1]))
  z <- numeric(4); v <- matrix(0, 4, 4); survival <- 1; modified <- 1
  for (t in times) {
    n <- sapply(countries, function(k) sum(rows$country == k & rows$follow_up_days >= t & rows$entry < t))
    d <- sapply(countries, function(k) sum(rows$country == k & rows$follow_up_days == t & rows$event == 1))
    N <- sum(n); D <- sum(d); modified <- modified * (1 - D / (N + 1))
    w <- weigh(N, survival, modified)
    z <- z + w * (d - D * n / N)
    if (N > 1) v <- v + w^2 * D * (N - D) / (N - 1) * (diag(n / N) - outer(n / N, n / N))
    survival <- survival * (1 - D / N)
  }
  list(z = z, v = v)
}
weighings <- list("gehan" = function(N, S, M) N, "tarone-ware" = function(N, S, M) sqrt(N),
                  "peto-peto" = function(N, S, M) M, "late" = function(N, S, M) 1 - S,
                  "middle" = function(N, S, M) S * (1 - S), "log-rank" = function(N, S, M) 1)
from_diagnosis <- transform(children, entry = -1)
keep(do.call(rbind, lapply(names(weighings), function(name) {
  found <- by_definition(from_diagnosis, weighings[[name]])
  chisq <- c(found$z[-1] %*% solve(found$v[-1, -1]) %*% found$z[-1])
  scores <- 0:3
  data.frame(weights = name, test_statistic = chisq, trend = sum(scores * found$z)^2 / c(scores %*% found$v %*% scores))
})), "log_rank_weights")

# With delayed entry: the score test of the exact partial likelihood of discrete times is the log-rank test. Days are
# spread, since R goes through every way in which those who die on one day could be chosen.
children$spread_days <- children$follow_up_days + children$row %% 10
exact <- function(formula) {
  fit <- coxph(formula, children, ties = "exact")
  df <- length(coef(fit))
  c(fit$score, df, pchisq(fit$score, df, lower.tail = FALSE))
}
late <- exact(Surv(entry_days, spread_days, event) ~ country)
both <- exact(Surv(entry_days, spread_days, event) ~ country + strata(sex))
keep(data.frame(strata = c("", "sex"), test_statistic = c(late[1], both[1]), degrees_of_freedom = c(late[2], both[2]),
                p_value = c(late[3], both[3])), "log_rank_delayed_entry")

# --- Gray's test -----------------------------------------------------------------------------------------------------
gray <- function(group, strata, rho, name, groups) {
  fit <- if (is.null(strata)) cuminc(children$follow_up_days, children$cause, group, rho = rho, cencode = "censored")
         else cuminc(children$follow_up_days, children$cause, group, strata, rho = rho, cencode = "censored")
  data.frame(group = groups, strata = name, rho = rho, cause = rownames(fit$Tests), test_statistic = fit$Tests[, "stat"],
             degrees_of_freedom = fit$Tests[, "df"], p_value = fit$Tests[, "pv"])
}
keep(do.call(rbind, lapply(c(0, 1), function(rho) rbind(
  gray(children$country, NULL, rho, "", "country"), gray(children$sex, NULL, rho, "", "sex"),
  gray(children$country, children$sex, rho, "sex", "country")))), "gray_tests")

# --- Cox regression --------------------------------------------------------------------------------------------------
exactly <- coxph.control(eps = 1e-14, iter.max = 50, toler.chol = 1e-15)
ratios <- function(fit, model) {
  found <- summary(fit)$coefficients
  error <- found[, if ("robust se" %in% colnames(found)) "robust se" else "se(coef)"]
  z <- qnorm(0.975)
  data.frame(model = model, coefficient = rownames(found), hazard_ratio = exp(found[, "coef"]),
             lower = exp(found[, "coef"] - z * error), upper = exp(found[, "coef"] + z * error),
             p_value = 2 * pnorm(-abs(found[, "coef"] / error)))
}
plain <- coxph(Surv(follow_up_days, event) ~ country + sex + period + age_at_diagnosis, children, control = exactly)
layered <- coxph(Surv(entry_days, follow_up_days, event) ~ country + age_at_diagnosis + strata(sex, period), children,
                 control = exactly)
clustered <- coxph(Surv(entry_days, follow_up_days, event) ~ country + sex + strata(period), children,
                   cluster = person_id, control = exactly)
specific <- coxph(Surv(follow_up_days, cancer) ~ country + sex, children, control = exactly)
children$state <- factor(children$cause, c("censored", "cancer", "other"))
weighted <- function(weighing, model) {
  rows <- finegray(weighing, children, etype = "cancer")
  coxph(model, rows, weights = fgwt, cluster = row, control = exactly)
}
subdistribution <- weighted(Surv(follow_up_days, state) ~ ., Surv(fgstart, fgstop, fgstatus) ~ country + sex)
in_periods <- weighted(Surv(follow_up_days, state) ~ . + strata(period),
                       Surv(fgstart, fgstop, fgstatus) ~ country + sex + strata(period))
split <- survSplit(Surv(follow_up_days, event) ~ country + sex, children, cut = 2 * 365.25, episode = "stretch")
early <- coxph(Surv(tstart, follow_up_days, event) ~ country + sex, split, subset = stretch == 1, control = exactly)
later <- coxph(Surv(tstart, follow_up_days, event) ~ country + sex, split, subset = stretch == 2, control = exactly)
keep(rbind(ratios(plain, "plain"), ratios(layered, "layered"), ratios(clustered, "clustered"),
           ratios(specific, "specific"), ratios(subdistribution, "subdistribution"),
           ratios(in_periods, "subdistribution in periods"), ratios(early, "early"), ratios(later, "later")), "cox_ratios")

# crr takes ties as Breslow does: compared without ties.
children$untied_days <- children$follow_up_days + children$row / 1000
columns <- model.matrix(~ country + sex, children)[, -1]
fine_gray <- function(censored_in, name) {
  fit <- crr(children$untied_days, children$cause, columns, cengroup = censored_in, failcode = "cancer",
             cencode = "censored", gtol = 1e-12, maxiter = 100)
  data.frame(censored_in = name, coefficient = names(fit$coef), hazard_ratio = exp(fit$coef),
             standard_error = sqrt(diag(fit$var)))
}
keep(rbind(fine_gray(rep(1, nrow(children)), ""), fine_gray(children$period, "period")), "crr")

terms <- c("country", "sex", "period", "age_at_diagnosis")
ratio <- sapply(terms, function(term) 2 * (plain$loglik[2] - update(plain, paste(". ~ . -", term))$loglik[2]))
wald <- function(fit, k) c(coef(fit)[k] %*% solve(vcov(fit)[k, k]) %*% coef(fit)[k])
keep(rbind(data.frame(model = "plain", test = "likelihood-ratio", term = terms, test_statistic = ratio),
           data.frame(model = "plain", test = "wald", term = terms,
                      test_statistic = c(wald(plain, 1:3), wald(plain, 4), wald(plain, 5), wald(plain, 6))),
           data.frame(model = "clustered", test = "wald", term = c("country", "sex"),
                      test_statistic = c(wald(clustered, 1:3), wald(clustered, 4)))), "cox_terms")

zph <- function(fit, model, transform) {
  found <- cox.zph(fit, transform = transform)$table
  data.frame(model = model, transform = transform, term = sub("GLOBAL", "all_terms", rownames(found)),
             test_statistic = found[, "chisq"], degrees_of_freedom = found[, "df"], p_value = found[, "p"])
}
keep(do.call(rbind, lapply(c("km", "identity", "log"), function(transform) rbind(
  zph(plain, "plain", transform), zph(layered, "layered", transform)))), "cox_zph")

# --- Differences at two years, and their heterogeneity (Zou and Donner 2008; Higgins and Thompson 2002) --------------
years <- 2
at <- summary(survfit(Surv(follow_up_days, event) ~ country, children, conf.type = "log-log"), times = years * 365.25)
s <- at$surv; l <- at$lower; u <- at$upper; v <- at$std.err^2
mean_of_all <- sum(s / v) / sum(1 / v)
half <- qnorm(0.975) * sqrt(v - 1 / sum(1 / v))
keep(rbind(data.frame(reference = "SE", country = countries, at_risk = at$n.risk, survival = s, difference = s - s[4],
                      lower = c((s - s[4] - sqrt((s - l)^2 + (u[4] - s[4])^2))[1:3], NA),
                      upper = c((s - s[4] + sqrt((u - s)^2 + (s[4] - l[4])^2))[1:3], NA)),
           data.frame(reference = "", country = countries, at_risk = at$n.risk, survival = s,
                      difference = s - mean_of_all, lower = s - mean_of_all - half, upper = s - mean_of_all + half)),
     "survival_differences")
heterogeneity <- function(y, variance, scale) {
  w <- 1 / variance; k <- length(y); q <- sum(w * (y - sum(w * y) / sum(w))^2)
  h <- sqrt(q / (k - 1))
  error <- if (q > k) 0.5 * (log(q) - log(k - 1)) / (sqrt(2 * q) - sqrt(2 * k - 3))
           else sqrt(1 / (2 * (k - 2)) * (1 - 1 / (3 * (k - 2)^2)))
  share <- function(h) max(0, (h^2 - 1) / h^2)
  data.frame(scale = scale, test_statistic = q, degrees_of_freedom = k - 1, p_value = pchisq(q, k - 1, lower.tail = FALSE),
             i_squared = share(h), lower = share(exp(log(h) - qnorm(0.975) * error)),
             upper = share(exp(log(h) + qnorm(0.975) * error)),
             tau_squared = max(0, (q - (k - 1)) / (sum(w) - sum(w^2) / sum(w))))
}
keep(rbind(heterogeneity(s, v, "plain"), heterogeneity(log(-log(s)), v / (s * log(s))^2, "log-log")),
     "survival_heterogeneity")
