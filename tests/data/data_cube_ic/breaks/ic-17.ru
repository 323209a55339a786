# A point where one of the measures has no observation
PREFIX ex: <https://example.org/>

DELETE WHERE { ex:m2 ?p ?o }
