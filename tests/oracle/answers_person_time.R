# Answers of R for person-time, computed once and stored: run in this folder with Rscript answers_person_time.R.
#
# R 4.2, survival. Input: person_time.csv, invented children, some born on 29 February, some followed for half a day.
# 1. pyears by calendar year and sex: the same definition, exactly.
# 2. pyears by age and calendar year: ages are cut at multiples of 365.25 days, not at birthdays, and differ by what a
#    child lives between the two; kept to show how little that is.
# 3. Age by birthdays, one half day at a time, each given its age and year by the calendar: the definition itself.
library(survival)
options(digits = 17)

keep <- function(answer, name) {
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

children <- read.csv("person_time.csv", stringsAsFactors = FALSE)
born <- as.Date(children$birth_date)
start <- as.Date(children$diagnosis_date) + children$entry_days
time <- children$follow_up_days - children$entry_days
years <- 1985:2040
calendar <- tcut(as.numeric(start), as.numeric(as.Date(paste0(c(years, 2041), "-01-01"))), labels = years)
age <- tcut(as.numeric(start - born), 365.25 * 0:60, labels = 0:59)

tidy <- function(fit) {
  cells <- subset(fit$data, pyears > 0 | event > 0)
  names(cells)[names(cells) == "pyears"] <- "person_years"
  names(cells)[names(cells) == "event"] <- "events"
  cells$n <- NULL
  cells
}
by_year <- tidy(pyears(Surv(time, children$event) ~ children$sex + calendar, scale = 365.25, data.frame = TRUE))
names(by_year)[1:2] <- c("sex", "year")
keep(by_year[order(by_year$sex, by_year$year), ], "person_time_by_year")

by_age <- tidy(pyears(Surv(time, children$event) ~ age, scale = 365.25, data.frame = TRUE))
keep(by_age, "person_time_by_days_of_age")

pieces <- do.call(rbind, lapply(seq_len(nrow(children)), function(i) {
  halves <- seq(0, time[i] - 0.5, by = 0.5)
  day <- start[i] + floor(halves)
  at <- as.POSIXlt(day)
  birth <- as.POSIXlt(born[i])
  before <- at$mon < birth$mon | (at$mon == birth$mon & at$mday < birth$mday)
  data.frame(age = at$year - birth$year - before, year = at$year + 1900, days = 0.5,
             events = ifelse(halves == max(halves), children$event[i], 0))
}))
exact <- aggregate(cbind(days, events) ~ age + year, data = pieces, FUN = sum)
exact$person_years <- exact$days / 365.25
exact$days <- NULL
keep(exact[order(exact$age, exact$year), ], "person_time_by_birthday")
