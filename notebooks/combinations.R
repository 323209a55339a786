# Which roles, working methods and changes are combined in what was done, and what never?
# Hvilke roller, arbejdsmetoder og forandringer er kombineret i det, der er gjort, og hvad aldrig?
#
# The framework itself ties no role to a change; only activities do. Asked of one pinned release, so
# the same script gives the same rows years later. Base R only. Run: Rscript combinations.R

options(width = 120)
site <- Sys.getenv("COI_SITE", "http://localhost:8000/")
release <- 1 # the release to ask; <site>release/ lists them

ask <- function(query) {
  address <- paste0(site, "sparql?release=", release, "&format=csv&query=",
                    URLencode(query, reserved = TRUE))
  read.csv(address, encoding = "UTF-8", stringsAsFactors = FALSE)
}

prefixes <- "
PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"

# One row an activity, role and ambition; an aim counts for the ambition it belongs to.
done <- ask(paste0(prefixes, '
SELECT DISTINCT ?activity ?role ?ambition WHERE {
  ?activity coi:hasRole/skos:prefLabel ?role ; coi:aimsAt/skos:broader? ?change .
  ?change a coi:ChangeAmbition ; skos:prefLabel ?ambition .
  FILTER (lang(?role) = "en" && lang(?ambition) = "en")
}'))

# Those that never occur are in the table too, as 0.
roles <- ask(paste0(prefixes, 'SELECT ?label WHERE {
  ?x a coi:StrategicRole ; skos:prefLabel ?label FILTER (lang(?label) = "en") } ORDER BY ?label'))
ambitions <- ask(paste0(prefixes, 'SELECT ?label WHERE {
  ?x a coi:ChangeAmbition ; skos:prefLabel ?label FILTER (lang(?label) = "en") } ORDER BY ?label'))

counted <- table(factor(done$role, roles$label), factor(done$ambition, ambitions$label))
names(dimnames(counted)) <- c("role", "ambition")
print(counted)

# Which aims has no activity aimed at yet?
without <- ask(paste0(prefixes, 'SELECT ?code ?aim WHERE {
  ?x a coi:ChangeAim ; skos:notation ?code ; skos:prefLabel ?aim FILTER (lang(?aim) = "en")
  FILTER NOT EXISTS { ?activity coi:aimsAt ?x }
} ORDER BY ?code'))
cat("\nAims that no activity aims at:", nrow(without), "\n")
for (row in seq_len(nrow(without))) cat(without$code[row], without$aim[row], "\n")
