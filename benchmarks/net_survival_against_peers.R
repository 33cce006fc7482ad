# Net survival by relsurv and popEpi, for net_survival_against_peers.py: children.csv, life_table.csv and answers.csv in
# the folder given. Timed from data frame to estimate with its interval.
suppressMessages({library(relsurv); library(popEpi); library(Epi); library(data.table)})
folder <- commandArgs(TRUE)[1]
children <- read.csv(file.path(folder, "children.csv"))
life_table <- read.csv(file.path(folder, "life_table.csv"))
days_per_year <- 365.25

ages <- sort(unique(life_table$age))
years <- sort(unique(life_table$year))
sorted <- life_table[order(life_table$sex == "female", life_table$year, life_table$age), ]
table <- aperm(array(sorted$mortality_rate / days_per_year, c(length(ages), length(years), 2)), c(1, 3, 2))
dimnames(table) <- list(age = ages, sex = c("male", "female"), year = years)
attributes(table) <- c(attributes(table), list(type = c(2, 1, 3), dimid = c("age", "sex", "year"), class = "ratetable",
  cutpoints = list(ages * days_per_year, NULL, as.Date(paste0(years, "-01-01")))))

children$diagnosis <- as.Date(children$diagnosis_date)
children$birth <- as.Date(children$birth_date)
children$age_days <- as.numeric(children$diagnosis - children$birth)
children$code <- ifelse(children$sex == "male", 1, 2)
at <- c(1, 5, 10)

seconds <- system.time(fit <- rs.surv(Surv(follow_up_days, event) ~ 1, data = children, ratetable = table,
  rmap = list(age = age_days, sex = code, year = diagnosis)))[["elapsed"]]
relsurv <- data.frame(peer = "relsurv", seconds = seconds, years = at,
                      net_survival = summary(fit, times = at * days_per_year)$surv)

hazards <- data.table(sex = ifelse(life_table$sex == "male", 0L, 1L), CAL = life_table$year, AGE = life_table$age,
                      haz = life_table$mortality_rate)
people <- data.table(sex = ifelse(children$sex == "male", 0L, 1L), birth = get.yrs(children$birth),
                     diagnosis = get.yrs(children$diagnosis), end = get.yrs(children$diagnosis + children$follow_up_days),
                     status = factor(children$event, 0:1, c("alive", "dead")))
seconds <- system.time({
  lines <- Lexis(entry = list(FUT = 0, AGE = diagnosis - birth, CAL = diagnosis), exit = list(CAL = end), data = people,
                 exit.status = status, entry.status = factor("alive", c("alive", "dead")), merge = TRUE)
  months <- survtab(Surv(time = FUT, event = lex.Xst) ~ 1, data = lines, surv.type = "surv.rel", relsurv.method = "pp",
                    breaks = list(FUT = seq(0, 10, 1 / 12)), pophaz = hazards)
})[["elapsed"]]
ends <- months$r.pp[sapply(at, function(year) which.min(abs(months$Tstop - year)))]
popepi <- data.frame(peer = "popEpi", seconds = seconds, years = at, net_survival = ends)
write.csv(rbind(relsurv, popepi), file.path(folder, "answers.csv"), row.names = FALSE)
