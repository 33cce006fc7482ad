# The answers of R that the tests of net survival compare with; run in this folder: Rscript answers_net_survival.R
# Needs the packages survival and relsurv (2.2-9 or later). Inputs: net_children.csv and net_life_table.csv, both invented
# (net_inputs.R). The life table's year has 365.241 days, as in every rate table that relsurv makes.
suppressMessages(library(relsurv))
options(digits = 17)
days_per_year <- 365.241

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_net_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

children <- read.csv("net_children.csv")
children$diagnosis <- as.Date(children$diagnosis_date)
children$male <- ifelse(children$sex == "male", 1, 2)
life_table <- read.csv("net_life_table.csv")
ages <- sort(unique(life_table$age))
years <- sort(unique(life_table$year))
life_table <- life_table[order(life_table$sex == "female", life_table$year, life_table$age), ]
rates <- array(life_table$mortality_rate / days_per_year, c(length(ages), length(years), 2))
table <- aperm(rates, c(1, 3, 2))
dimnames(table) <- list(age = as.character(ages), sex = c("male", "female"), year = as.character(years))
attributes(table) <- c(attributes(table), list(
  type = c(2, 1, 3), cutpoints = list(ages * days_per_year, NULL, as.Date(paste0(years, "-01-01"))), dimid = c("age", "sex", "year"), class = "ratetable"))

expected <- do.call(rbind, lapply(c(365, 1826, 5000), function(day) data.frame(row = seq_len(nrow(children)), time_days = day,
  expected_survival = survexp(rep(day, nrow(children)) ~ 1, data = children, ratetable = table, method = "individual.s",
                              rmap = list(age = age_at_diagnosis_days, sex = male, year = diagnosis)))))
keep(expected, "expected")

curve <- function(method, rows, type = "kaplan-meier", interval = "log", every = 9, ...) {
  fit <- rs.surv(Surv(follow_up_days, event) ~ 1, data = children[rows, ], ratetable = table, method = method,
                 conf.type = interval, type = type, rmap = list(age = age_at_diagnosis_days, sex = male, year = diagnosis), ...)
  kept <- unique(c(seq(1, length(fit$time), by = every), length(fit$time)))
  data.frame(time_days = fit$time, at_risk = fit$n.risk, events = fit$n.event, survival = fit$surv,
             error_of_log = fit$std.err, lower = fit$lower, upper = fit$upper)[kept, ]
}
everyone <- rep(TRUE, nrow(children))
groups <- list(all = everyone, A = children$group == "A", B = children$group == "B")
curves <- do.call(rbind, lapply(names(groups), function(group) do.call(rbind, lapply(
  c("pohar-perme", "ederer1", "ederer2", "hakulinen"), function(method) do.call(rbind, lapply(
    c("log", "log-log", "plain"), function(interval)
      cbind(group = group, method = method, interval = interval, curve(method, groups[[group]], interval = interval))))))))
keep(curves, "curves")

# With a row for each day relsurv's average over an interval cannot lag: the sum of hazards is then exact to a day.
last <- max(children$follow_up_days)
daily <- curve("pohar-perme", everyone, type = "fleming-harrington", every = 1, add.times = 1:last)
keep(daily[daily$time_days %in% floor(365.25 * 1:20), c("time_days", "at_risk", "survival", "error_of_log")], "daily")

crude <- cmp.rel(Surv(follow_up_days, event) ~ 1, data = children, ratetable = table,
                 rmap = list(age = age_at_diagnosis_days, sex = male, year = diagnosis))
at <- crude$causeSpec$time %in% children$follow_up_days  # its index is one place off
keep(data.frame(time_days = crude$causeSpec$time[at], cancer = crude$causeSpec$est[at], other = crude$population$est[at]), "crude")

# The integration step of rs.diff is halved until its answer has settled: weights at the end of a step are too large.
test <- function(precision, stratified) {
  formula <- if (stratified) Surv(follow_up_days, event) ~ group + strata(sex) else Surv(follow_up_days, event) ~ group
  suppressWarnings(rs.diff(formula, data = children, ratetable = table, precision = precision,
                           rmap = list(age = age_at_diagnosis_days, sex = male, year = diagnosis)))
}
tests <- do.call(rbind, lapply(c(1, 0.1), function(precision) do.call(rbind, lapply(c(FALSE, TRUE), function(stratified) {
  found <- test(precision, stratified)
  data.frame(precision = precision, stratified = stratified, test_statistic = as.numeric(found$test.stat),
             degrees_of_freedom = found$df, p_value = as.numeric(found$p.value))
}))))
keep(tests, "tests")
