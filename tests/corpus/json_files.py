"""Bad and odd JSON-LD."""

from __future__ import annotations

import json

from case import Case, quiet, refused, remark

J = "f.jsonld"
C = '{"@context":{"ex":"https://e.example/","name":"ex:name","knows":{"@id":"ex:knows","@type":"@id"}},\n'
CONTEXT = "https://w3id.org/coi-graph/context.jsonld"


def bad(name: str, text: str, da: str, en: str, at: str | None, **more: object) -> Case:
    return refused(f"json-ld/{name}", J, text, da, en, at, **more)


def odd(name: str, text: str, da: str, en: str, at: str | None, **more: object) -> Case:
    return remark(f"json-ld/{name}", J, C + text, da, en, at, **more)


CASES: list[Case] = [
    bad("trailing-comma", '{"a":1,\n}', "komma", "comma", "1:7"),
    bad("missing-comma", '{"a":1\n"b":2}', "komma", "comma", "1:7"),
    bad("missing-colon", '{"a" 1}', "kolon", "colon", "1:6"),
    bad("smart-quotes", '{"a":“x”}', "anførselstegn", "quotation marks", "1:6"),
    bad("single-quotes", "{'a':1}", "anførselstegn", "quotation marks", "1:2"),
    bad("unclosed-text", '{"a":"x}', "anførselstegn", "quotation marks", "1:6"),
    bad("newline-in-text", '{"a":"x\ny"}', "\\n", "\\n", "1:6"),
    bad("windows-path", '{"a":"C:\\data"}', "skråstreg", "backslash", "1:9"),
    bad("bare-key", "{a:1}", "anførselstegn", "quotation marks", "1:2"),
    bad("bare-word", '{"a":yes}', "anførselstegn", "quotation marks", "1:6"),
    bad("python-true", '{"a":True}', "true", "true", "1:6"),
    bad("nan", '{"a":NaN}', "NaN", "NaN", "1:6"),
    bad("leading-zero", '{"a":01}', "01", "01", "1:6"),
    bad("wrong-bracket", '{"a":[1,2}', "]", "]", "1:10"),
    bad("two-documents", '{"a":1}\n{"b":2}', "@graph", "@graph", "2:1"),
    bad("comment", '{"a":1} // done', "", "", "1:9"),
    bad("comment-first", '// data\n{"a":1}', "kommentar", "comment", "1:1"),
    bad("cut-off", '{"a":{"b":[1,2', "afkortet", "cut off", "1:15"),
    bad("cut-off-key", '{"a":1,"b', "anførselstegn", "quotation marks", "1:8"),
    bad("only-open", "{", "afkortet", "cut off", "1:2"),
    bad(
        "nested-objects-10000",
        '{"p":' * 10_000 + "1" + "}" * 10_000,
        "100 niveauer",
        "100 levels",
        "1:501",
    ),
    bad("nested-arrays-10000", "[" * 10_000 + "]" * 10_000, "100 niveauer", "100 levels", "1:101"),
    bad("nested-unclosed-1000000", '{"p":[' * 500_000, "100 niveauer", "100 levels", "1:"),
    bad("nul", '{"a":"x\x00"}', "NUL", "NUL", "1:8"),
    bad(
        "lone-surrogate",
        '{"@id":"https://e.example/a","https://e.example/p":"\\ud800"}',
        "",
        "",
        "1:",
        mend=False,
    ),
    bad(
        "nest-not-object",
        C + '"@id":"ex:a","ex:p":{"@nest":1}}',
        "@nest",
        "@nest",
        "2:",
        mend=False,
    ),
    bad(
        "bad-value-type",
        C + '"@id":"ex:a","ex:p":{"@value":"x","@type":"rel"}}',
        "rel",
        "rel",
        "2:",
        mend=False,
    ),
    bad(
        "value-and-id",
        C + '"@id":"ex:a","ex:p":{"@value":"x","@id":"ex:b"}}',
        "",
        "",
        "*",
        mend=False,
    ),
    bad("id-not-text", C + '"@id":5,"name":"x"}', "", "", "*", mend=False),
    bad("context-number", '{"@context":5,"@id":"https://e.example/a"}', "", "", "*", mend=False),
    refused(
        "json-ld/remote-context",
        J,
        lambda a: f'{{"@context":"{a}/c","@id":"ex:a"}}'.encode(),
        "hentes",
        "fetched",
        "1:13",
    ),
    refused(
        "json-ld/remote-context-in-list",
        J,
        lambda a: f'{{"@context":[{{"ex":"https://e.example/"}},\n"{a}/c"]}}'.encode(),
        "hentes",
        "fetched",
        "2:1",
    ),
    refused(
        "json-ld/remote-context-nested",
        J,
        lambda a: f'{C}"@id":"ex:a","ex:p":{{"@context":"{a}/c","name":"x"}}}}'.encode(),
        "hentes",
        "fetched",
        "2:",
    ),
    refused(
        "json-ld/remote-context-scoped",
        J,
        lambda a: (
            f'{{"@context":{{"p":{{"@id":"https://e.example/p","@context":"{a}/c"}}}},'
            f'"@id":"https://e.example/a","p":{{"x":1}}}}'.encode()
        ),
        "hentes",
        "fetched",
        "1:",
    ),
    refused(
        "json-ld/remote-import",
        J,
        lambda a: f'{{"@context":{{"@import":"{a}/c"}},"@id":"https://e.example/a"}}'.encode(),
        "hentes",
        "fetched",
        "1:",
    ),
    bad(
        "schema-org",
        '{"@context":"https://schema.org","@type":"Organization","name":"x"}',
        CONTEXT,
        CONTEXT,
        "1:13",
    ),
    bad("file-context", '{"@context":"file:///etc/passwd"}', "hentes", "fetched", "1:13"),
    bad("relative-context", '{"@context":"context.jsonld"}', "hentes", "fetched", "1:13"),
    odd(
        "ignored-key",
        '"@id":"ex:a","title":"x"}',
        "udelades",
        "left out",
        "2:14",
        severity="violation",
    ),
    odd(
        "misspelt-key",
        '"@id":"ex:a","nmae":"x"}',
        "stavningen",
        "spelling",
        "2:14",
        severity="violation",
    ),
    odd(
        "relative-id",
        '"@id":"rel","name":"x"}',
        "hel IRI",
        "whole IRI",
        "2:7",
        severity="violation",
    ),
    odd(
        "space-in-id",
        '"@id":"https://e.example/a b","name":"x"}',
        "hel IRI",
        "whole IRI",
        "2:7",
        severity="violation",
    ),
    odd(
        "quote-in-id",
        '"@id":"https://e.example/\\"","name":"x"}',
        "hel IRI",
        "whole IRI",
        "2:7",
        severity="violation",
    ),
    odd(
        "relative-value",
        '"@id":"ex:a","knows":["ex:b","rel"]}',
        "hel IRI",
        "whole IRI",
        "2:30",
        severity="violation",
    ),
    odd(
        "unknown-type",
        '"@id":"ex:a","@type":"Role","name":"x"}',
        "typen",
        "the type",
        "2:22",
        severity="violation",
    ),
    odd(
        "javascript-id",
        '"@id":"ex:a","knows":"javascript:alert(1)"}',
        "javascript",
        "javascript",
        "2:22",
        severity="violation",
    ),
    odd(
        "graph-names",
        '"@id":"ex:g","@graph":[{"@id":"ex:a","name":"x"}]}',
        "grafer",
        "graphs",
        None,
    ),
    odd(
        "huge-text",
        '"@id":"ex:a","name":"' + "x" * 500_000 + '"}',
        "500000 tegn",
        "500000 characters",
        "2:21",
    ),
    remark("json-ld/empty-object", J, "{}", "ingen udsagn", "no statements"),
    remark("json-ld/empty-array", J, "[]", "ingen udsagn", "no statements"),
    remark(
        "json-ld/plain-json",
        "f.json",
        '{"navn": "Odense", "antal": 3}',
        "udelades",
        "left out",
        "1:2",
    ),
    remark("json-ld/named-turtle", "f.ttl", C + '"@id":"ex:a","name":"x"}', "JSON-LD", "JSON-LD"),
    quiet(
        "json-ld/bundled-context",
        J,
        json.dumps({"@context": CONTEXT, "id": "https://e.example/a", "dct:title": "x"}),
    ),
    quiet(
        "json-ld/bundled-in-list",
        J,
        json.dumps(
            {
                "@context": [CONTEXT, {"n": "https://e.example/n"}],
                "id": "https://e.example/a",
                "n": "x",
            }
        ),
    ),
    odd(
        "key-twice",
        '"@id":"ex:a","name":"x","name":"y"}',
        "to gange",
        "twice",
        "2:25",
        severity="warning",
    ),
    quiet("json-ld/id-last", J, C + '"name":"x","@id":"ex:a"}'),
    quiet("json-ld/utf16", J, (C + '"@id":"ex:a","name":"æ"}').encode("utf-8-sig")),
    quiet(
        "json-ld/many-values",
        J,
        C + '"@id":"ex:a","name":[' + ",".join(f'"{i}"' for i in range(50_000)) + "]}",
        seconds=60,
    ),
]
