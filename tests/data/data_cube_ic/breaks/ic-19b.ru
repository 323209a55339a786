# A value outside its collection
PREFIX ex:   <https://example.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE DATA { ex:kinds skos:member ex:k1 . }
