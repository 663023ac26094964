# What `synk analyze R` can do beside the user's own code: load files and the operations that start with @.
# Read with `sys.source` into an environment of its own; base R, and of packages what a format needs.

share <- 0.5 # of the free memory a table may take; a bigger one is sampled
growth <- c(csv = 4, tsv = 4, parquet = 8, json = 8, jsonl = 6, ndjson = 6, xlsx = 20)

load <- function(path, table = NULL) {
  ending <- tolower(tools::file_ext(path))
  size <- file.size(path)
  factor <- if (ending %in% names(growth)) growth[[ending]] else 2
  needed <- size * factor
  fraction <- if (needed > 0) min(1, free_memory() * share / needed) else 1
  more <- list()
  frame <- switch(ending,
    csv = sampled(utils::read.csv(path, stringsAsFactors = FALSE, check.names = FALSE), fraction),
    tsv = sampled(utils::read.delim(path, stringsAsFactors = FALSE, check.names = FALSE), fraction),
    parquet = sampled(as.data.frame(needs("arrow")$read_parquet(path)), fraction),
    json = as.data.frame(needs("jsonlite")$fromJSON(path, flatten = TRUE)),
    jsonl = , ndjson = json_lines(path, fraction),
    xlsx = as.data.frame(needs("readxl")$read_excel(path)),
    sqlite = , sqlite3 = , db = {
      read <- sqlite(path, table, fraction)
      more <- read$more
      read$frame
    },
    stop(sprintf("%s is no format that can be loaded", path), call. = FALSE)
  )
  source <- list(rows = nrow(frame), columns = ncol(frame), bytes = size, sampled = fraction < 1)
  if (fraction < 1) {
    source$fraction <- round(fraction, 4)
    source$note <- sprintf(
      "About %.0f MB would not fit into half of the free memory: a random %.1f%% of the rows was loaded", needed / 1e6, fraction * 100
    )
  }
  list(frame = frame, source = c(source, more))
}

free_memory <- function() {
  line <- grep("^MemAvailable:", readLines("/proc/meminfo"), value = TRUE)
  if (length(line) == 0) return(2^30)
  as.numeric(gsub("[^0-9]", "", line[[1]])) * 1024
}

needs <- function(package) {
  if (!requireNamespace(package, quietly = TRUE)) {
    stop(sprintf("there is no package called '%s': install.packages(\"%s\")", package, package), call. = FALSE)
  }
  asNamespace(package)
}

sampled <- function(frame, fraction) {
  if (fraction >= 1) return(frame)
  frame[sort(sample.int(nrow(frame), max(1, floor(nrow(frame) * fraction)))), , drop = FALSE]
}

json_lines <- function(path, fraction) {
  lines <- readLines(path, warn = FALSE)
  lines <- lines[nzchar(trimws(lines))]
  if (fraction < 1) lines <- lines[stats::runif(length(lines)) <= fraction]
  as.data.frame(needs("jsonlite")$fromJSON(paste0("[", paste(lines, collapse = ","), "]"), flatten = TRUE))
}

sqlite <- function(path, table, fraction) {
  dbi <- needs("DBI")
  connection <- dbi$dbConnect(needs("RSQLite")$SQLite(), path, flags = needs("RSQLite")$SQLITE_RO)
  on.exit(dbi$dbDisconnect(connection))
  names <- dbi$dbListTables(connection)
  if (length(names) == 0) stop("This database has no tables", call. = FALSE)
  if (!is.null(table) && !table %in% names) {
    stop(sprintf("%s is no table; there are %s", table, paste(names, collapse = ", ")), call. = FALSE)
  }
  quoted <- function(name) dbi$dbQuoteIdentifier(connection, name)
  count <- function(name) dbi$dbGetQuery(connection, paste("SELECT count(*) AS n FROM", quoted(name)))$n
  sizes <- sapply(names, count)
  chosen <- if (is.null(table)) names[[which.max(sizes)]] else table
  where <- if (fraction >= 1) "" else sprintf(" WHERE abs(random() %% 1000000) < %d", floor(fraction * 1e6))
  frame <- dbi$dbGetQuery(connection, paste0("SELECT * FROM ", quoted(chosen), where))
  list(frame = frame, more = list(table = chosen, tables = as.list(sizes)))
}

column <- function(data, name) {
  if (!name %in% names(data)) {
    stop(sprintf("%s is no column; there are %s", name, paste(names(data), collapse = ", ")), call. = FALSE)
  }
  data[[name]]
}

rows <- function(text) {
  count <- suppressWarnings(as.integer(text))
  if (is.na(count) || count < 0) stop(sprintf("%s is no number of rows", text), call. = FALSE)
  count
}

profile <- function(data) {
  data <- as.data.frame(data)
  one <- function(name) {
    values <- data[[name]]
    known <- values[!is.na(values)]
    is_number <- is.numeric(values) && length(known) > 0
    is_ordered <- length(known) > 0 && !is.list(values)
    data.frame(
      column = name, type = class(values)[[1]], nulls = sum(is.na(values)),
      nulls_pct = if (length(values)) round(100 * mean(is.na(values)), 2) else 0,
      distinct = length(unique(known)),
      min = if (is_ordered) as.character(min(known)) else NA_character_,
      max = if (is_ordered) as.character(max(known)) else NA_character_,
      mean = if (is_number) mean(known) else NA_real_, std = if (is_number) stats::sd(known) else NA_real_,
      stringsAsFactors = FALSE
    )
  }
  do.call(rbind, lapply(names(data), one))
}

head <- function(data, count = "10") utils::head(as.data.frame(data), rows(count))
tail <- function(data, count = "10") utils::tail(as.data.frame(data), rows(count))
sample <- function(data, count = "10") {
  if (!is.data.frame(data)) return(base::sample(data, rows(count)))
  data[sort(base::sample.int(nrow(data), min(rows(count), nrow(data)))), , drop = FALSE]
}

counts <- function(data, name) {
  found <- as.data.frame(sort(table(column(data, name), useNA = "ifany"), decreasing = TRUE), stringsAsFactors = FALSE)
  names(found) <- c(name, "count")
  found
}

groupby <- function(data, name, aggregate = "mean") {
  groups <- column(data, name)
  if (aggregate %in% c("size", "count")) return(counts(data, name))
  numeric <- data[vapply(data, is.numeric, TRUE) & names(data) != name]
  found <- stats::aggregate(numeric, by = stats::setNames(list(groups), name), FUN = match.fun(aggregate))
  found
}

corr <- function(data) as.data.frame(stats::cor(data[vapply(data, is.numeric, TRUE)], use = "pairwise.complete.obs"))

resample <- function(data, name, rule, aggregate = "mean") {
  units <- c(D = "day", W = "week", M = "month", ME = "month", Y = "year", YE = "year", h = "hour", H = "hour", min = "min")
  unit <- if (rule %in% names(units)) units[[rule]] else rule
  moments <- as.POSIXct(column(data, name), tz = "UTC")
  numeric <- data[vapply(data, is.numeric, TRUE) & names(data) != name]
  groups <- as.character(cut(moments, unit))
  stats::aggregate(numeric, by = stats::setNames(list(groups), name), FUN = match.fun(aggregate))
}
