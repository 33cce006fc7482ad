# Writes small.sas7bdat: three invented tumours as SAS stores them, a date as a number with a format.
# Run beside this file: Rscript small_sas.R (R with haven; in Debian r-cran-haven).

library(haven)

tumours <- data.frame(
  tumour = c("t1", "t2", "t3"),
  child = c("c1", "c2", "c2"),
  country = c("NO", "NO", "NO"),
  sex = c(1, 2, NA),
  born = as.Date(c("2001-12-24", "2005-01-01", "2005-01-01")),
  site = c("C716", "C421", "C649"),
  morphology = c(9470, 9811, 8960),
  region = c("Sør-Øst", "Midt-Norge", ""),
  behaviour = c(3, 3, 3),
  stringsAsFactors = FALSE
)
attr(tumours$born, "format.sas") <- "DATE9"
attr(tumours$behaviour, "format.sas") <- "BEST12"
suppressWarnings(write_sas(tumours, "small.sas7bdat"))
