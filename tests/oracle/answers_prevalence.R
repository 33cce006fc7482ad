# The answers of R on prevalence that tests/counts and tests/estimates compare with; run in this folder:
# Rscript answers_prevalence.R
# Needs the package survival. Input: survivors.csv, invented. Each person is looked at in turn.
library(survival)
options(digits = 17)

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

tumours <- read.csv("survivors.csv", stringsAsFactors = FALSE)
for (column in c("birth_date", "diagnosis_date", "last_contact_date")) tumours[[column]] <- as.Date(tumours[[column]])

completed <- function(from, to) {
  month_day <- function(x) as.integer(format(x, "%m%d"))
  as.integer(format(to, "%Y")) - as.integer(format(from, "%Y")) - (month_day(to) < month_day(from))
}

on_day <- function(day, within) {
  day <- as.Date(day)
  found <- NULL
  for (person in unique(tumours$person_id)) {
    own <- tumours[tumours$person_id == person & tumours$diagnosis_date <= day, ]
    if (!nrow(own)) next
    own <- own[which.min(own$diagnosis_date), ]
    if (!is.na(within) && own$diagnosis_date <= seq(day, length.out = 2, by = paste0("-", within, " years"))[2]) next
    gone <- own$last_contact_date <= day
    state <- if (own$vital_status == "dead" && gone) "dead" else
      if (own$last_contact_date > day || (own$last_contact_date == day && own$vital_status == "alive")) "alive" else
        "unknown"
    found <- rbind(found, data.frame(day = format(day), within = within, sex = own$sex, state = state,
                                     attained_age = completed(own$birth_date, day)))
  }
  found
}
persons <- do.call(rbind, Map(on_day, c("2015-06-30", "2015-06-30", "2022-12-31", "2022-12-31"), c(NA, 5, NA, 10)))
persons$within[is.na(persons$within)] <- 0
counted <- aggregate(cbind(cases = state == "alive", status_unknown = state == "unknown") ~
                       day + within + sex + attained_age, persons, sum)
counted <- subset(counted, cases + status_unknown > 0)
keep(counted[order(counted$day, counted$within, counted$sex, counted$attained_age), ], "prevalent_cases")

pairs <- data.frame(cases = c(0, 1, 80, 250, 12), persons = c(500, 60000, 61000, 1e6, 12))
limits <- mapply(function(x, n) binom.test(x, n)$conf.int, pairs$cases, pairs$persons)
keep(cbind(pairs, lower = limits[1, ], upper = limits[2, ]), "prevalence_intervals")

# Everyone carried on to 31 December 2024 by survival given survival so far, sexes apart.
firsts <- tumours[order(tumours$diagnosis_date), ]
firsts <- firsts[!duplicated(firsts$person_id), ]
firsts$days <- pmax(as.numeric(firsts$last_contact_date - firsts$diagnosis_date), 0.5)
firsts$dead <- firsts$vital_status == "dead"
keep(do.call(rbind, lapply(c("female", "male"), function(sex) {
  own <- firsts[firsts$sex == sex, ]
  fit <- survfit(Surv(days, dead) ~ 1, own)
  S <- function(t) summary(fit, times = t, extend = TRUE)$surv
  alive <- own[!own$dead, ]
  from <- as.numeric(alive$last_contact_date - alive$diagnosis_date)
  to <- as.numeric(as.Date("2024-12-31") - alive$diagnosis_date)
  p <- mapply(function(f, t) S(t) / S(f), from, to)
  through <- vapply(fit$time, function(t) sum(p[from < t & t <= to]), 0)
  estimated <- sum(through^2 * fit$n.event / (fit$n.risk * pmax(fit$n.risk - fit$n.event, 1e-9)))
  data.frame(sex = sex, carried = nrow(alive), survivors = sum(p), standard_error = sqrt(sum(p * (1 - p)) + estimated))
})), "projected_survivors")
