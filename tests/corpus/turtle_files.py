"""Bad and odd Turtle, TriG, N-Triples and N-Quads."""

from __future__ import annotations

from case import Case, quiet, refused, remark

P = "@prefix : <https://e.example/> .\n"
T = "f.ttl"


def body(name: str, text: str, da: str, en: str, at: str, **more: object) -> Case:
    """A statement on line 2, after a prefix on line 1."""
    return refused(f"turtle/{name}", T, P + text, da, en, at, **more)


def nested(opening: str, closing: str, depth: int, inside: str = "1") -> str:
    return P + ":a :p " + opening * depth + inside + closing * depth + " .\n"


N = "<https://e.example/a> <https://e.example/p> "

CASES: list[Case] = [
    body("missing-dot", ":a :b :c\n:d :e :f .", "punktum", "full stop", "2:9"),
    body("missing-dot-at-end", ":a :b :c", "punktum", "full stop", "2:9"),
    body("missing-dot-comment", ":a :b :c # end\n:d :e :f .", "punktum", "full stop", "2:9"),
    body(
        "undeclared-known-prefix",
        ':a dct:title "x" .',
        "@prefix dct: <http://purl.org/dc/terms/>",
        "@prefix dct: <http://purl.org/dc/terms/>",
        "2:4",
    ),
    body("undeclared-misspelt-prefix", ':a dtc:title "x" .', "dct:", "dct:", "2:4"),
    body("undeclared-strange-prefix", ':a xyzzyq:title "x" .', "xyzzyq", "xyzzyq", "2:4"),
    body("bare-iri", ":a :b https://e.example/c .", "vinkelparenteser", "angle brackets", "2:7"),
    body("space-in-iri", ":a :b <https://e.example/x y> .", "%20", "%20", "2:27"),
    body("quote-in-iri", ':a :b <https://e.example/"x"> .', "%22", "%22", "2:26"),
    body("brace-in-iri", ":a :b <https://e.example/{x}> .", "%7B", "%7B", "2:26"),
    body("backslash-in-iri", ":a :b <https://e.example/x\\y> .", "%5C", "%5C", "2:"),
    body("pipe-in-iri", ":a :b <https://e.example/a|b> .", "%7C", "%7C", "2:27"),
    body("unclosed-iri", ":a :b <https://e.example/x .\n:c :d :e .", "IRI", "IRI", "2:"),
    body("relative-iri", ":a :b <role/x> .", "@base", "@base", "2:7"),
    body("relative-empty-iri", "<> :b :c .", "@base", "@base", "2:1"),
    body("unclosed-text", ':a :b "x .\n:c :d :e .', "anførselstegn", "quotation mark", "2:"),
    body("unclosed-text-at-end", ':a :b "x', "anførselstegn", "quotation mark", "2:7"),
    body("unclosed-long-text", ':a :b """x\ny\n.', "anførselstegn", "quotation mark", "2:7"),
    body("newline-in-text", ':a :b "x\ny" .', "flere linjer", "several lines", "2:9"),
    body("unescaped-quote", ':a :b "x "y" z" .', "anførselstegn", "quotation mark", "2:11"),
    body("unescaped-quote-joined", ':a :b "x"y" .', "anførselstegn", "quotation mark", "2:10"),
    body("windows-path", ':a :b "C:\\data\\x" .', "skråstreg", "backslash", "2:10"),
    body("bad-unicode-escape", ':a :b "\\uZZZZ" .', "", "", "2:", mend=False),
    body("smart-quotes", ":a :b “x” .", "typografisk", "typographic", "2:7"),
    body("low-quotes", ":a :b „x” .", "typografisk", "typographic", "2:7"),
    body("guillemets", ":a :b »x« .", "typografisk", "typographic", "2:7"),
    body("single-smart-quote", ":a :b ‘x’ .", "typografisk", "typographic", "2:7"),
    body("one-caret", ':a :b "1"^:d .', "datatype", "datatype", "2:10"),
    body("no-datatype", ':a :b "1"^^ .', "datatype", "datatype", "2:13"),
    body("bare-datatype", ':a :b "2024-01-01"^^date .', "xsd:date", "xsd:date", "2:21"),
    body("bad-language", ':a :b "x"@da_DK .', "sprog", "language", "2:13"),
    body("no-language", ':a :b "x"@ .', "sprog", "language", "2:11"),
    body("capital-true", ":a :b True .", "true", "true", "2:7"),
    body("a-as-object", ":a :b a .", "rdf:type", "rdf:type", "2:7"),
    body("a-as-subject", "a :b :c .", "rdf:type", "rdf:type", "2:1"),
    body("bare-word-predicate", ":a is :b .", "»is«", "“is”", "2:4"),
    body("bare-word-object", ":a :b yes .", "»yes«", "“yes”", "2:7"),
    body("text-as-predicate", ':a "b" :c .', "egenskab", "property", "2:4"),
    body("text-as-subject", '"a" :b :c .', '»"a"«', '“"a"”', "2:1", mend=False),
    body("blank-predicate", ":a _:b :c .", "_:b", "_:b", "2:4", mend=False),
    body("trailing-comma", ":a :b :c , .", "værdi", "value", "2:12"),
    body("semicolon-then-text", ':a :b "x" ; "y" .', "»,«", "“,”", "2:13"),
    body("unclosed-bracket", ":a :b [ :c :d .", "]", "]", "2:15"),
    body("unclosed-list", ":a :b ( 1 2 .", "værdi", "value", "2:13"),
    body("stray-bracket", ":a :b :c ] .", "]", "]", "2:10"),
    body("stray-paren", ":a :b :c ) .", ")", ")", "2:10"),
    body("graph-in-turtle", "{ :a :b :c }", ".trig", ".trig", "2:1"),
    body("two-points", ":a :b 1.5.3 .", ".3", ".3", "2:10", mend=False),
    body("prefix-without-colon", "@prefix x <https://x.example/> .", "kolon", "colon", "2:9"),
    body(
        "prefix-without-brackets",
        "@prefix x: https://x.example/ .",
        "vinkelparenteser",
        "angle brackets",
        "2:12",
    ),
    body("capital-prefix", "@Prefix x: <https://x.example/> .", "@prefix", "@prefix", "2:1"),
    body(
        "sparql-prefix-with-dot", "PREFIX x: <https://x.example/> .", "punktum", "full stop", "2:32"
    ),
    body(
        "prefix-without-dot",
        "@prefix x: <https://x.example/>\n:a :b :c .",
        "punktum",
        "full stop",
        "2:32",
    ),
    body("slash-comment", "// a comment\n:a :b :c .", "#", "#", "2:1"),
    body("star-comment", "/* a comment */\n:a :b :c .", "#", "#", "2:1"),
    body("xml-comment", "<!-- a comment -->\n:a :b :c .", "#", "#", "2:1"),
    body("non-breaking-space", ":a\u00a0:b :c .", "hårdt mellemrum", "non-breaking", "2:3"),
    body("zero-width-space", ":a \u200b:b :c .", "uden bredde", "no width", "2:4"),
    body("dash-for-minus", ":a :b \u20135 .", "tankestreg", "dash", "2:7"),
    body("equals", ":a :b = :c .", "»=«", "“=”", "2:7", mend=False),
    body("sparql-query", "SELECT * WHERE { ?s ?p ?o }", "SELECT", "SELECT", "2:1"),
    body("json-in-turtle", ':a :b { "x": 1 } .', "{", "{", "2:7", mend=False),
    body("triple-term", ":a :b <<( :a :b :c )>> .", "RDF 1.2", "RDF 1.2", "2:7", mend=False),
    body("reified-triple", "<< :a :b :c >> :d :e .", "RDF 1.2", "RDF 1.2", "2:1", mend=False),
    body("annotation", ":a :b :c {| :d :e |} .", "RDF 1.2", "RDF 1.2", "2:10", mend=False),
    body("reifier", ":a :b :c ~ :r .", "RDF 1.2", "RDF 1.2", "2:10", mend=False),
    body(
        "many-triple-terms",
        ":a :b " + "<<( :a :b " * 5000 + ":c" + " )>>" * 5000 + " .",
        "RDF 1.2",
        "RDF 1.2",
        "2:7",
        mend=False,
    ),
    refused(
        "turtle/nested-blank-10000",
        T,
        nested("[ :p ", "]", 10_000),
        "100 niveauer",
        "100 levels",
        "2:507",
    ),
    refused(
        "turtle/nested-lists-10000",
        T,
        nested("( ", ")", 10_000),
        "100 niveauer",
        "100 levels",
        "2:207",
    ),
    refused(
        "turtle/nested-mixed-100000",
        T,
        nested("[ :p ( ", ") ]", 50_000),
        "100 niveauer",
        "100 levels",
        "2:",
    ),
    refused(
        "turtle/unclosed-nested-100000",
        T,
        P + ":a :p " + "[ :p " * 100_000,
        "100 niveauer",
        "100 levels",
        "2:507",
    ),
    quiet("turtle/nested-99", T, nested("[ :p ", "]", 99)),
    quiet("turtle/long-list", T, P + ":a :p ( " + "1 " * 10_000 + ") .\n", seconds=30),
    quiet("turtle/brackets-in-texts", T, P + ':a :p "' + "[(" * 10_000 + '" .\n'),
    refused("turtle/nul-in-text", T, P + ':a :b "x\x00y" .', "NUL", "NUL", "2:9"),
    refused("turtle/nul-at-end", T, P + ":a :b :c .\n" + "\x00" * 100, "NUL", "NUL", "3:1"),
    refused(
        "turtle/two-errors", T, P + ":a :b <x y> .\n:c :d :e .\n:f :g h .\n", "%20", "%20", "2:9"
    ),
    remark(
        "turtle/javascript-iri",
        T,
        P + ":a :b <javascript:alert(1)> .",
        "javascript",
        "javascript",
        "2:7",
        severity="violation",
    ),
    remark(
        "turtle/javascript-mixed-case",
        T,
        P + ":a :b <JavaScript:alert(1)> .",
        "javascript",
        "javascript",
        "2:7",
        severity="violation",
    ),
    remark(
        "turtle/javascript-subject",
        T,
        P + ":a :b :c .\n<javascript:x> :b :c .",
        "javascript",
        "javascript",
        "3:",
        severity="violation",
    ),
    remark(
        "turtle/file-iri",
        T,
        P + ":a :b :c ;\n  :d <file:///etc/passwd> .",
        "file:",
        "file:",
        "3:6",
        severity="violation",
    ),
    remark(
        "turtle/data-iri",
        T,
        P + ":a :b <data:text/html,x> .",
        "data:",
        "data:",
        "2:7",
        severity="violation",
    ),
    remark(
        "turtle/vbscript-iri",
        T,
        P + ":a :b <vbscript:x> .",
        "vbscript",
        "vbscript",
        "2:7",
        severity="violation",
    ),
    remark(
        "turtle/javascript-in-nested",
        T,
        P + ":a :b [ :c ( 1 <javascript:x> ) ] .",
        "javascript",
        "javascript",
        "2:16",
        severity="violation",
    ),
    remark(
        "turtle/huge-text",
        T,
        P + ':a :b "' + "x" * 1_000_000 + '" .',
        "1000000 tegn",
        "1000000 characters",
        "2:7",
        severity="violation",
    ),
    remark("turtle/direction", T, P + ':a :b "x"@ar--rtl .', "skriveretning", "direction", "2:7"),
    remark("turtle/only-prefixes", T, P, "ingen udsagn", "no statements"),
    remark("turtle/only-comment", T, "# nothing yet\n", "ingen udsagn", "no statements"),
    remark(
        "turtle/twice-encoded", T, P + ':a :b "NÃ¦rhed" .', "»æ«", "“æ”", "2:9", severity="warning"
    ),
    remark(
        "turtle/lost-letter",
        T,
        P + ':a :b "N\ufffdrhed" .',
        "bogstav",
        "letter",
        "2:9",
        severity="warning",
    ),
    quiet("turtle/cyclic-blank", T, P + "_:a :p _:b . _:b :p _:a ."),
    quiet(
        "turtle/cyclic-list",
        T,
        P + "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        "_:a rdf:first 1 ; rdf:rest _:a . :x :y _:a .",
    ),
    quiet("turtle/self-reference", T, P + ":a :p :a . _:b :p _:b ."),
    refused(
        "turtle/tangled-blank",
        T,
        P + "\n".join(f"_:n{i} :p _:n{j} ." for i in range(60) for j in range(60) if i != j),
        "filtret",
        "tangled",
        mend=False,
        seconds=30,
    ),
    quiet(
        "turtle/many-values",
        T,
        P + ":a :p " + ", ".join(str(i) for i in range(100_000)) + " .",
        seconds=60,
    ),
    refused(
        "turtle/million-values",
        T,
        lambda _: (P + ":a :p " + ", ".join(map(str, range(1_000_000))) + " .").encode(),
        "250000 udsagn",
        "250000 statements",
        seconds=60,
    ),
    quiet("turtle/windows-lines", T, P.replace("\n", "\r\n") + ":a :b :c .\r\n"),
    quiet("turtle/tabs", T, P + ":a\t:b\t:c\t.\n"),
    quiet("turtle/bom", T, "\ufeff" + P + ":a :b :c ."),
    quiet("turtle/escaped-names", T, P + r":a\,b :c%20d :e\;f ."),
    quiet("turtle/emoji", T, P + ':a :b "😀"@da .'),
    # TriG, N-Triples, N-Quads
    remark("trig/named-graph", "f.trig", P + ":g { :a :b :c }", "grafer", "graphs"),
    refused("trig/unclosed-graph", "f.trig", P + ":g { :a :b :c .", "", "", "2:", mend=False),
    refused("trig/bad-iri", "f.trig", P + ":g { :a :b <x y> }", "%20", "%20", "2:14"),
    refused(
        "trig/nested-10000",
        "f.trig",
        P + ":g { :a :p " + "[ :p " * 10_000 + "1",
        "100 niveauer",
        "100 levels",
        "2:",
    ),
    refused(
        "ntriples/missing-dot", "f.nt", N + '"x"\n' + N + '"y" .\n', "punktum", "full stop", "1:48"
    ),
    refused("ntriples/over-two-lines", "f.nt", N + '\n"x" .\n', "linje", "line", "1:44"),
    refused(
        "ntriples/two-on-a-line", "f.nt", N + '"x" . ' + N + '"y" .\n', "linje", "line", "1:51"
    ),
    refused("ntriples/relative", "f.nt", N + "<x> .\n", "relativ", "relative", "1:45"),
    refused("ntriples/space-in-iri", "f.nt", N + "<https://e.example/x y> .\n", "%20", "%20", "1:"),
    refused(
        "ntriples/third-line",
        "f.nt",
        (N + '"x" .\n') * 2 + N + "<y> .\n",
        "relativ",
        "relative",
        "3:45",
    ),
    refused("ntriples/cut-off", "f.nt", (N + '"x" .\n') * 3 + N[:30], "", "", "4:", mend=False),
    remark("ntriples/turtle-inside", "f.nt", P + ":a :b :c .", "Turtle", "Turtle"),
    refused(
        "nquads/five-terms",
        "f.nq",
        N + '"x" <https://e.example/g> <https://e.example/h> .',
        "",
        "",
        "1:",
        mend=False,
    ),
    remark("nquads/named-graph", "f.nq", N + '"x" <https://e.example/g> .', "grafer", "graphs"),
    refused("nquads/literal-graph", "f.nq", N + '"x" "g" .', "", "", "1:", mend=False),
]


def _cut(length: int) -> Case:
    whole = (
        P + ':role a :Role ;\n  :label "Kapacitetsopbygger"@da ;\n'
        "  :part [ :of <https://e.example/x> ; :list ( 1 2 ) ] .\n"
    )
    return refused(f"turtle/cut-off-{length}", T, whole[:length], "", "", mend=False, at="*")


#: One file, broken off at many places: somewhere it always says where.
CASES += [_cut(length) for length in range(40, 130, 9)]
