# The answers of R for rates and standardisation; run in this folder: Rscript answers_rates.R
# Needs the packages survival, epitools, popEpi, data.table and Epi. Inputs: down_syndrome.csv, live births and cases of
# Down syndrome in Michigan 1950-1964 by age of the mother and order of birth (Stark and Mantel, J Natl Cancer Inst
# 1966;37:687-698, as in Fleiss 1981, p. 249, and in Fay and Feuer 1997); small_strata.csv and cohort.csv are invented.
suppressMessages({library(survival); library(epitools); library(popEpi); library(data.table); library(Epi)})
options(digits = 17)
z <- qnorm(0.975)

keep <- function(answer, name) {
  answer <- as.data.frame(answer)
  is_number <- vapply(answer, is.double, logical(1))
  answer[is_number] <- lapply(answer[is_number], function(x) ifelse(is.na(x), "", sprintf("%.17g", x)))
  write.csv(answer, paste0("answer_", name, ".csv"), row.names = FALSE, quote = FALSE)
}

data(stdpop18)
keep(as.data.frame(stdpop18), "standards")

# Mid-P limits by their definition, P(X < x) + P(X = x)/2 at the limit; Brent's search, then two steps of Newton.
mid_p <- function(x, level, upper) {
  target <- (1 - level) / 2
  f <- function(m) if (upper) ppois(x - 1, m) + dpois(x, m) / 2 - target else ppois(x, m, FALSE) + dpois(x, m) / 2 - target
  if (x == 0) return(if (upper) uniroot(f, c(0, 50), tol = 1e-15)$root else 0)
  wide <- 12 * sqrt(x) + 12
  m <- uniroot(f, c(if (upper) x else max(1e-9, x - wide), if (upper) x + wide else x), tol = 1e-14)$root
  for (step in 1:2) m <- m - f(m) / (if (upper) -1 else 1) / (dpois(x, m) * (x / m + 1) / 2)
  m
}
counts <- c(0, 1, 2, 3, 5, 10, 40, 200, 1500, 25000, 1e6)
exact <- cipoisson(counts, method = "exact")
keep(data.frame(cases = counts, exact_lower = exact[, 1], exact_upper = exact[, 2],
                mid_p_lower = sapply(counts, mid_p, 0.95, FALSE), mid_p_upper = sapply(counts, mid_p, 0.95, TRUE),
                mid_p_lower_90 = sapply(counts, mid_p, 0.9, FALSE), mid_p_upper_90 = sapply(counts, mid_p, 0.9, TRUE),
                byar_lower = ifelse(counts > 0, counts * (1 - 1 / (9 * counts) - z / (3 * sqrt(counts)))^3, 0),
                byar_upper = (counts + 1) * (1 - 1 / (9 * (counts + 1)) + z / (3 * sqrt(counts + 1)))^3,
                log_normal_lower = ifelse(counts > 0, counts * exp(-z / sqrt(counts)), 0),
                log_normal_upper = ifelse(counts > 0, counts * exp(z / sqrt(counts)), NA)), "rate_intervals")

# Direct standardisation of small strata: no case, none at some ages, one case. epitools gives Fay and Feuer; the
# modification of Tiwari, Clegg and Zou 2006 (as in asht::wspoissonTest, wmtype "tcz"); Dobson with Byar's limits from
# ten cases on and exact ones below, as the English public health service gives it; popEpi the log-normal interval.
small <- read.csv("small_strata.csv", stringsAsFactors = FALSE)
world <- c("0-4" = 12, "5-9" = 10, "10-14" = 9, "15-19" = 9)
direct <- function(rows, w) {
  w <- w / sum(w)
  fay <- suppressWarnings(ageadjust.direct(rows$cases, rows$person_years, stdpop = w))
  case_weight <- w / rows$person_years
  rate <- sum(case_weight * rows$cases); var <- sum(case_weight^2 * rows$cases); n <- sum(rows$cases)
  raised <- rate + mean(case_weight); spread <- var + mean(case_weight^2)
  exact <- cipoisson(n)
  lower <- if (n >= 10) n * (1 - 1 / (9 * n) - z / (3 * sqrt(n)))^3 else exact[[1]]
  upper <- if (n >= 10) (n + 1) * (1 - 1 / (9 * (n + 1)) + z / (3 * sqrt(n + 1)))^3 else exact[[2]]
  data.frame(cases = n, rate = rate, standard_error = sqrt(var),
             fay_feuer_lower = if (n > 0) fay[["lci"]] else 0, fay_feuer_upper = fay[["uci"]],
             tiwari_lower = if (n > 0) qgamma(0.025, rate^2 / var, scale = var / rate) else 0,
             tiwari_upper = qgamma(0.975, raised^2 / spread, scale = spread / raised),
             dobson_lower = if (n > 0) rate + sqrt(var / n) * (exact[[1]] - n) else 0,
             dobson_upper = if (n > 0) rate + sqrt(var / n) * (exact[[2]] - n) else NA,
             health_service_lower = if (n > 0) rate + sqrt(var / n) * (lower - n) else NA,
             health_service_upper = if (n > 0) rate + sqrt(var / n) * (upper - n) else NA,
             log_normal_lower = if (n > 0) rate * exp(-z * sqrt(var) / rate) else 0,
             log_normal_upper = if (n > 0) rate * exp(z * sqrt(var) / rate) else NA)
}
direct_answers <- do.call(rbind, lapply(unique(small$stratum), function(one) {
  rows <- small[small$stratum == one, ]
  cbind(stratum = one, direct(rows, world[rows$age_group]))
}))
adjusted <- small
adjusted$stratum <- factor(adjusted$stratum)
adjusted$age <- match(adjusted$age_group, names(world))
peer <- rate(as.data.table(adjusted), obs = cases, pyrs = person_years, print = stratum, adjust = age,
             weights = unname(world) / sum(world))
peer <- as.data.frame(peer)[match(direct_answers$stratum, peer$stratum), ]
direct_answers$popepi_rate <- peer$rate.adj
direct_answers$popepi_standard_error <- peer$SE.rate.adj
# popEpi takes 1.96 for the normal quantile.
direct_answers$popepi_lower <- ifelse(peer$rate.adj > 0, peer$rate.adj.lo, NA)
direct_answers$popepi_upper <- ifelse(peer$rate.adj > 0, peer$rate.adj.hi, NA)
keep(direct_answers, "small_strata")

# Ratios of standardised rates, log-normal. popEpi::rate_ratio (0.4.10) is no oracle for the limits: it takes the
# variance of the log ratio for the standard error of the ratio, and rounds to three decimals.
ratio <- function(one, other) {
  of <- function(name) { row <- direct_answers[direct_answers$stratum == name, ]; c(row$rate, row$standard_error) }
  r1 <- of(one); r0 <- of(other); error <- sqrt((r1[2] / r1[1])^2 + (r0[2] / r0[1])^2)
  data.frame(stratum = one, reference = other, ratio = r1[1] / r0[1], lower = r1[1] / r0[1] * exp(-z * error),
             upper = r1[1] / r0[1] * exp(z * error), p_value = 2 * pnorm(-abs(log(r1[1] / r0[1])) / error))
}
keep(do.call(rbind, lapply(c("few", "some ages", "one case"), ratio, "many")), "standardised_ratios")

# The cumulative rate as Epi has it, from a Poisson model with a rate for each age (log-normal interval).
keep(do.call(rbind, lapply(c("many", "few"), function(one) {
  rows <- small[small$stratum == one, ]
  rows$age_group <- factor(rows$age_group, levels = names(world))
  fit <- glm(cases ~ age_group - 1 + offset(log(person_years)), family = poisson, data = rows,
             control = list(epsilon = 1e-15, maxit = 100))
  do.call(rbind, lapply(c(15, 20), function(to_age) {
    bands <- seq_len(to_age / 5)
    last <- tail(ci.cum(fit, ctr.mat = diag(4)[bands, ], intl = 5, ci.Exp = TRUE), 1)
    case_weight <- 5 / rows$person_years[bands]; d <- rows$cases[bands]
    total <- sum(case_weight * d); var <- sum(case_weight^2 * d); m <- max(case_weight)
    data.frame(stratum = one, to_age = to_age, cumulative_rate = total, epi_rate = last[1], epi_lower = last[2],
               epi_upper = last[3], log_normal_lower = total * exp(-z * sqrt(var) / total),
               log_normal_upper = total * exp(z * sqrt(var) / total),
               fay_feuer_lower = qgamma(0.025, total^2 / var, scale = var / total),
               fay_feuer_upper = qgamma(0.975, (total + m)^2 / (var + m^2), scale = (var + m^2) / (total + m)))
  }))
})), "cumulative_rates")

# Fay and Feuer's own example: each order of birth standardised to the mothers of all births.
down <- read.csv("down_syndrome.csv", stringsAsFactors = FALSE)
all_births <- tapply(down$births, down$mother_age, sum)
keep(do.call(rbind, lapply(unique(down$birth_order), function(order) {
  rows <- down[down$birth_order == order, ]
  data.frame(birth_order = order, t(ageadjust.direct(rows$cases, rows$births, stdpop = all_births[rows$mother_age])))
})), "down_syndrome")

# Indirect: the same births, expected from all births (epitools); limits and p values of a Poisson count.
keep(do.call(rbind, lapply(unique(down$birth_order), function(order) {
  rows <- down[down$birth_order == order, ]
  whole <- aggregate(cbind(cases, births) ~ mother_age, down, sum)
  whole <- whole[match(rows$mother_age, whole$mother_age), ]
  found <- ageadjust.indirect(rows$cases, rows$births, whole$cases, whole$births)$sir
  limits <- cipoisson(found[["observed"]]) / found[["exp"]]
  data.frame(birth_order = order, cases = found[["observed"]], expected = found[["exp"]], ratio = found[["sir"]],
             lower = limits[[1]], upper = limits[[2]],
             p_value = poisson.test(found[["observed"]], found[["exp"]])$p.value)
})), "down_syndrome_expected")
pairs <- data.frame(cases = c(0, 0, 1, 1, 3, 4, 10, 12, 50, 389, 389, 5000, 25000),
                    expected = c(0.5, 4.2, 1.3, 7.9, 2.9, 4, 7.7, 27.3, 41.2, 205.5, 400.1, 4890, 25200))
found <- cipoisson(pairs$cases)
midp <- mapply(function(x, e) 2 * min(ppois(x, e) - dpois(x, e) / 2, ppois(x - 1, e, FALSE) - dpois(x, e) / 2),
               pairs$cases, pairs$expected)
keep(cbind(pairs, exact_lower = found[, 1] / pairs$expected, exact_upper = found[, 2] / pairs$expected,
           p_exact = mapply(function(x, e) poisson.test(x, r = e)$p.value, pairs$cases, pairs$expected),
           p_mid = pmin(midp, 1)), "incidence_ratios")

# The ratio of two Poisson rates given the cases of both (Clopper and Pearson).
pairs <- data.frame(boys = c(60, 0, 5, 1, 250, 3), girls = c(50, 4, 0, 1, 199, 9),
                    boy_years = c(3.1e6, 2e5, 2e5, 1e5, 4.2e6, 5.1e5), girl_years = c(2.9e6, 1.9e5, 1.9e5, 1e5, 4e6, 4.9e5))
keep(cbind(pairs, t(mapply(function(d, e, m, f) {
  found <- poisson.test(c(d, e), c(m, f))
  c(ratio = unname(found$estimate), lower = found$conf.int[1], upper = found$conf.int[2])
}, pairs$boys, pairs$girls, pairs$boy_years, pairs$girl_years))), "sex_ratios")

# Person-years and events of a cohort, by stratum.
cohort <- read.csv("cohort.csv", stringsAsFactors = FALSE)
found <- pyears(Surv(years, event) ~ sex + age_group, data = cohort, scale = 1, data.frame = TRUE)$data
keep(found[, c("sex", "age_group", "pyears", "event")], "cohort")
