# A dimension without a range
PREFIX ex:   <https://example.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE DATA { ex:area rdfs:range skos:Concept . }
