# The same figure twice in a data set, with two values
PREFIX ex: <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>

INSERT DATA { ex:o3 a qb:Observation ; qb:dataSet ex:data ; ex:area ex:north ; ex:kind ex:k1 ;
  ex:tree ex:leaf ; ex:inverse-tree ex:leaf ; ex:value 8 ; ex:unit ex:percent . }
