# A value outside its concept scheme
PREFIX ex:   <https://example.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE DATA { ex:south skos:inScheme ex:areas . }
