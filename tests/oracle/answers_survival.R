# More answers for survival and competing risks; run in this folder: Rscript answers_survival.R
# Needs the packages survival, cmprsk and etm. Inputs: remission.csv, delayed_entry.csv and causes.csv as in answers.R;
# window_cases.csv is invented here. Each answer is R's own; what R has no function for is worked out beside it.
suppressPackageStartupMessages({library(survival); library(cmprsk); library(etm)})
options(digits = 17)

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

each <- function(values, make) do.call(rbind, lapply(values, make))
stratum_of <- function(full) sub(".*=", "", as.character(full$strata))
remission <- read.csv("remission.csv")
delayed <- read.csv("delayed_entry.csv")
causes <- read.csv("causes.csv")
causes$event <- factor(causes$event, levels = c("censored", "cancer", "other"))

# Cumulative hazard, ties at once (ctype 1) and one after the other (ctype 2); survival from it, log-log interval.
hazards <- function(formula, cases, name) {
  keep(each(c("nelson-aalen", "fleming-harrington"), function(ties) {
    fit <- survfit(formula, data = cases, stype = 2, ctype = 1 + (ties == "fleming-harrington"), conf.type = "log-log")
    full <- summary(fit, censored = TRUE)
    data.frame(ties = ties, stratum = stratum_of(full), time_days = full$time, cumulative_hazard = full$cumhaz,
               hazard_error = full$std.chaz, survival = full$surv, standard_error = full$std.err,
               lower = full$lower, upper = full$upper)
  }), name)
}
hazards(Surv(weeks, relapse) ~ treatment, remission, "remission_hazards")
hazards(Surv(entry_days, follow_up_days, event) ~ sex, delayed, "delayed_entry_hazards")

# Quantiles with their intervals, for every kind of interval.
shares <- c(0.1, 0.25, 0.5, 0.75)
keep(each(c("log-log", "log", "plain", "logit", "arcsin"), function(conf) {
  fit <- survfit(Surv(weeks, relapse) ~ treatment, data = remission, conf.type = conf)
  found <- quantile(fit, probs = shares)
  data.frame(interval = conf, treatment = rep(c("6-MP", "placebo"), each = length(shares)),
             probability = rep(shares, 2), quantile_days = c(t(found$quantile)), lower_days = c(t(found$lower)),
             upper_days = c(t(found$upper)))
}), "remission_quantiles")

# Weighted children, the weights taken as frequencies: 1, 1.5 and 2 in turn.
weighted <- remission
weighted$weight <- 1 + (seq_len(nrow(remission)) %% 3) / 2
full <- summary(survfit(Surv(weeks, relapse) ~ treatment, data = weighted, weights = weight, robust = FALSE,
                        conf.type = "log-log"), censored = TRUE)
keep(data.frame(treatment = stratum_of(full), time_days = full$time, at_risk = full$n.risk, events = full$n.event,
                survival = full$surv, standard_error = full$std.err, lower = full$lower, upper = full$upper),
     "remission_weighted")

# Survival given so many weeks: the curve of those still followed then, who enter then.
keep(each(c(0, 5, 10), function(given) each(c(3, 10), function(further) {
  later <- subset(remission, weeks > given)
  later$entry <- given
  fit <- survfit(Surv(entry, weeks, relapse) ~ treatment, data = later, conf.type = "log-log")
  at <- summary(fit, times = given + further)
  data.frame(treatment = c("6-MP", "placebo"), given = given, further = further, survival = at$surv,
             standard_error = at$std.err, lower = at$lower, upper = at$upper)
})), "remission_conditional")

# The difference of restricted means (to 22 weeks), normal interval.
means <- summary(survfit(Surv(weeks, relapse) ~ treatment, data = remission), rmean = 22)$table
difference <- means[2, "rmean"] - means[1, "rmean"]
error <- sqrt(sum(means[, "se(rmean)"]^2))
keep(data.frame(difference = difference, standard_error = error, lower = difference - qnorm(0.975) * error,
                upper = difference + qnorm(0.975) * error, p_value = 2 * pnorm(-abs(difference / error))),
     "remission_difference")

# Cumulative incidence: cmprsk's variance at every time; etm's, from the other package with Greenwood's.
fit <- cuminc(causes$follow_up_days, causes$event, causes$sex, cencode = "censored")
times <- sort(unique(causes$follow_up_days))
found <- timepoints(fit, times)
keep(each(rownames(found$est), function(row) {
  parts <- strsplit(row, " ")[[1]]
  data.frame(sex = parts[1], cause = parts[2], time_days = times, cumulative_incidence = found$est[row, ],
             variance = found$var[row, ])
}), "causes_cmprsk")

# Delayed entry, two causes: every third child enters at a third of her time (whole days).
entered <- causes
entered$entry <- ifelse(seq_len(nrow(causes)) %% 3 == 0, floor(causes$follow_up_days / 3), 0)
states <- etmCIF(Surv(entry, follow_up_days, event != "censored") ~ 1, data = entered, etype = event,
                 failcode = c("cancer", "other"))
aj <- states[[1]]
keep(each(c("cancer", "other"), function(cause) {
  pair <- paste("0", cause)
  data.frame(cause = cause, time_days = aj$time, cumulative_incidence = aj$est["0", cause, ],
             variance = aj$cov[pair, pair, ])
}), "causes_etm")

# Windows of analysis. Cases are invented: 150 children diagnosed 1996-2014, followed to the end of 2015.
set.seed(20)
born <- as.Date("1996-01-01") + sort(sample(0:6938, 150))
died <- rexp(150, 1 / 4000)
last <- as.numeric(as.Date("2015-12-31") - born)
days <- pmin(floor(died), last)
children <- data.frame(diagnosis_date = born, follow_up_days = ifelse(days == 0, 0.5, days),
                       event = as.integer(floor(died) <= last))
# One dies on the first day of a window, one on its last, one on the day of diagnosis, which is the last day.
children[1:3, ] <- list(as.Date(c("2009-06-01", "2008-03-01", "2014-12-31")), c(214, 2496, 0.5), c(1L, 1L, 1L))
write.csv(children, "window_cases.csv", row.names = FALSE, quote = FALSE)
opens <- as.Date("2010-01-01"); closes <- as.Date("2014-12-31")
window <- function(approach) {
  rows <- children
  from <- rep(0, nrow(rows)); to <- rep(Inf, nrow(rows))
  if (approach %in% c("period", "hybrid")) from <- pmax(0, as.numeric(opens - rows$diagnosis_date) - 0.5)
  if (approach == "hybrid") from[rows$diagnosis_date >= as.Date("2007-01-01")] <- 0
  if (approach != "cohort") to <- pmax(as.numeric(closes - rows$diagnosis_date), 0.5)
  rows$entry <- from
  rows$exit <- pmin(rows$follow_up_days, to)
  rows$event <- ifelse(rows$follow_up_days > to, 0, rows$event)
  diagnosed <- rows$diagnosis_date <= closes & (approach %in% c("period", "hybrid") | rows$diagnosis_date >= opens)
  rows[diagnosed & rows$exit > rows$entry, ]
}
keep(each(c("cohort", "complete", "period", "hybrid"), function(approach) {
  full <- summary(survfit(Surv(entry, exit, event) ~ 1, data = window(approach), conf.type = "log-log"), censored = TRUE)
  data.frame(approach = approach, time_days = full$time, at_risk = full$n.risk, events = full$n.event,
             censored = full$n.censor, survival = full$surv, standard_error = full$std.err,
             lower = full$lower, upper = full$upper)
}), "windows")

# The smallest of tables, two causes: everyone dead at once, of one cause or of both; one child; nobody dead.
keep(each(list(c("cancer", "cancer"), c("cancer", "other"), c("censored", "cancer"), "cancer", "censored"), function(event) {
  state <- factor(event, levels = c("censored", "cancer", "other"))
  fit <- survfit(Surv(rep(0.5, length(event)), state) ~ 1, conf.type = "log-log")
  data.frame(events = paste(event, collapse = " "), cumulative_incidence = fit$pstate[1, 2],
             standard_error = fit$std.err[1, 2], lower = fit$lower[1, 2], upper = fit$upper[1, 2])
}), "causes_small")
