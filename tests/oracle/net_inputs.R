# The invented children and life table that answers_net_survival.R starts from; run in this folder: Rscript net_inputs.R
# The table is abridged, every fifth age and every other year. The young ones have hardly any other mortality, the old ones much of it, so that every estimator is put to the test.
set.seed(20)
n <- 240
group <- sample(c("A", "B"), n, replace = TRUE)
sex <- sample(c("male", "female"), n, replace = TRUE)
age <- floor(ifelse(seq_len(n) <= 120, runif(n, 0, 18), runif(n, 40, 85)) * 365.25)
diagnosis <- as.Date("1990-01-01") + sample(0:7300, n, replace = TRUE)
closing <- as.Date("2015-12-31")
rate <- ifelse(group == "A", 0.08, 0.12) + 0.00006 * exp(0.085 * age / 365.25)
death <- ceiling(rexp(n, rate / 365.25))
potential <- as.integer(closing - diagnosis)
lost <- ceiling(rexp(n, 0.03 / 365.25))
follow_up <- pmin(death, potential, lost)
children <- data.frame(sex, group, age_at_diagnosis_days = age, diagnosis_date = diagnosis,
                       follow_up_days = follow_up, event = as.integer(death == follow_up))
write.csv(children, "net_children.csv", row.names = FALSE, quote = FALSE)
cells <- expand.grid(age = c(0, 1, seq(5, 100, 5)), year = seq(1988, 2012, 2), sex = c("male", "female"))
cells$mortality_rate <- signif((0.00005 * exp(0.088 * cells$age) + ifelse(cells$age == 0, 0.006, 0)) *
  ifelse(cells$sex == "male", 1.3, 1) * 0.985^(cells$year - 1988), 4)
write.csv(cells, "net_life_table.csv", row.names = FALSE, quote = FALSE)
