# An observation with a value for another measure
PREFIX ex: <https://example.org/>

INSERT DATA { ex:m1 ex:width 9 . }
