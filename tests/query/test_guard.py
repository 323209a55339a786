"""The guard: what it refuses, what it lets pass, and that text cannot get round it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coi_graph.errors import CoiError
from coi_graph.query.errors import QueryRejected, QuerySyntaxError
from coi_graph.query.guard import Checked, check

PREFIXES = "PREFIX ex: <http://example.org/> PREFIX service: <http://example.org/s#> "
ONE = "http://example.org/graph/one"
TWO = "http://example.org/graph/two"


def parses(text: str) -> bool:
    """Whether Oxigraph reads it as a query."""
    try:
        ox.Store().query(text, base_iri="http://example.org/")
    except SyntaxError:
        return False
    except (OSError, RuntimeError, ValueError):
        return True  # read, and failed later
    return True


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT * { ?s ?p ?o }", "select"),
        ("  # a comment\n\tselect*{?s?p?o}", "select"),
        ("PREFIX : <http://a/> BASE <http://b/> prefix b: <c> ASK {}", "ask"),
        ('VERSION "1.2" Construct WHERE { ?s ?p ?o }', "construct"),
        ("DESCRIBE <http://example.org/x>", "describe"),
        ("SELECTDISTINCT*{}", "select"),
    ],
)
def test_tells_the_kind(text: str, kind: str) -> None:
    assert check(text).kind == kind


HARMLESS = [
    "SELECT ?service { ?service ?load ?insert }",
    "SELECT $service { $service a ?o }",
    PREFIXES + "SELECT * { ?s service:x ex:load ; ex:service ex:delete ; a ex:drop }",
    PREFIXES + "SELECT * { GRAPH service:g { ?s ?p ?o } }",
    PREFIXES + "SELECT * { ?s ?p service:x { ?a ?b ?c } }",
    PREFIXES + "SELECT * { ?s ?p ?o, service:x { ?a ?b ?c } }",
    'SELECT * { ?s ?p "SERVICE <http://x> {}" }',
    "SELECT * { ?s ?p 'LOAD', 'it\\'s SERVICE <x> {}' }",
    'SELECT * { ?s ?p """a "quoted" SERVICE <x> { \n } "" \\" """ }',
    "SELECT * { ?s ?p '''SERVICE ' '' <x> {''' }",
    "SELECT * { ?s ?p ?o } # SERVICE <http://x> {}",
    "# INSERT DATA {}\r SELECT * { ?s ?p ?o }",
    "SELECT * { ?s <http://example.org/SERVICE#LOAD> ?o }",
    "SELECT * { <http://example.org/o'brien> ?p <http://example.org/a(b)#c> }",
    "SELECT * { _:service ?p _:load.b . }",
    'SELECT * { ?s ?p "x"@en-service }',
    PREFIXES + "SELECT * { ?s ?p ex:a\\#b, ex:a%20b, ex:\\'SERVICE\\' . }",
    "SELECT * { ?s ?p ?o FILTER(?o<5&&?o>1) }",
    "SELECT * { ?s ?p ?o FILTER(?o<?p&&(?o>?s)) }",
    "SELECT * { ?s ?p ?o FILTER(?o <= 5 || ?o<-1) }",
    "SELECT * { ?s ?p ?o FILTER(?o<<http://example.org/#x>) }",
    "SELECT (COUNT(DISTINCT <http://example.org/#x>) AS ?n) {}",
    "SELECT * { VALUES (?a ?b) { (<http://a#b> <http://c#d>) (<http://e>'x') (UNDEF 5) } }",
    "SELECT * { ?s ?p (1 <http://a#b> [ ?q 'x' ] ()) }",
    "SELECT * { ?s !(<http://a#p>|^<http://b#q>)+/^a* ?o }",
    "SELECT * { ?s ?p ?o OPTIONAL { ?o ?q true.?x ?y false } }",
    "SELECT * { { SELECT (MAX(?x) AS ?m) { ?s ?p ?x } GROUP BY (?s) HAVING(?m>3) } }",
    PREFIXES + "SELECT ?x { ?s ?p ?x FILTER ex:f(?x<4) } ORDER BY ex:f(?x) DESC(?x) LIMIT 5",
    "SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?o ?p <http://a#b> } FILTER(?o IN (1, 2)) }",
    "SELECT * { << ?s ?p ?o >> ?q 1.5e3, .5, -2, +3 }",
    "SELECT * { ?s ?p ?o ~ ?r {| ?a ?b |} . ?x ?y <<( ?s ?p ?o )>> }",
    "SELECT * { ?s ?p ?o } VALUES ?s { <http://a#b> }",
    "SELECT * { ?æø ?på 'blåbærgrød'@da }",
    "SELECT (CONCAT (?a, 'b') AS ?c) { ?s ?p ?a BIND(COALESCE\n(?a, 1) AS ?d) }",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_lets_pass_what_only_looks_dangerous(text: str) -> None:
    checked = check(text)
    assert parses(checked.text)
    assert (checked.default_graphs, checked.named_graphs) == (None, None)


def test_every_query_that_the_engine_takes_passes(shared: Path) -> None:
    """W3C's query tests, syntax tests among them."""
    refused, taken = [], 0
    for path in sorted((shared / "conformance" / "sparql11").rglob("*.rq")):
        text = path.read_text(encoding="utf-8")
        if not parses(text):
            continue
        taken += 1
        try:
            checked = check(text, base_iri="http://example.org/")
        except CoiError as error:
            refused.append((path.name, str(error)))
            continue
        if not parses(checked.text):
            refused.append((path.name, checked.text))
    assert refused == []
    assert taken > 250


SERVICES = [
    "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
    "SELECT * { service silent ?x { } }",
    "SELECT * { OPTIONAL { { SERVICE<http://x/>{} } } }",
    "SELECT * { FILTER EXISTS { ?s ?p ?o . sErViCe $x {} } }",
    "SELECT * { SERVICESILENT<http://x/>{} }",
    "SELECT * { ?s ?p trueSERVICE<http://x/>{} }",
    "SELECT * { ?s ?p 1.SERVICE<http://x/>{} }",
    "SELECT * { \\u0053ERVICE <http://x/> {} }",
    "SELECT * { S\\U00000045RVICE <http://x/> {} }",
    "SELECT * { ?s ?p 'a'. #\n SERVICE <http://x/> {} }",
    "SELECT * { ?s ?p '\\\\' SERVICE <http://x/> {} #'\n }",
    'SELECT * { VALUES ?v { "\\"" } SERVICE <http://x/> {} #"\n }',
    'SELECT * { ?s ?p "\\u0022" SERVICE <http://x/> {} #"\n }',
    # Oxigraph reads less-than and a comment where the longest match is an IRI …
    'SELECT * { FILTER(?a<?b#>"""\n) SERVICE <http://x/> {} #"""\n}',
    "SELECT * { FILTER(?a<'>'&&?b='>') SERVICE <http://x/> {} #'\n}",
    "SELECT * { FILTER(?a<(?b)&&((?c>'1'))) SERVICE <http://x/> {} }",
    # … and less-than and an IRI where it is the bracket of a triple term
    "SELECT * { FILTER(?a<<http://x/#>) SERVICE <http://x/> {}\n}",
]


@pytest.mark.parametrize("text", SERVICES)
def test_refuses_service(text: str) -> None:
    with pytest.raises(QueryRejected) as caught:
        check(text)
    assert caught.value.status == 400
    assert caught.value.details["keyword"] == "SERVICE"


TRICKS = [
    # a prefixed name for us, SERVICE ex:x for the engine
    PREFIXES + "PREFIX SERVICEex: <http://y/> SELECT * { SERVICEex:x { } }",
    PREFIXES + "PREFIX SERVICEex: <http://y/> SELECT * { ?s ?p ?o ; SERVICEex:x{} }",
    PREFIXES + "SELECT * { SERVICEex:x { } }",
    PREFIXES + "SELECT * { ?s ?p trueSERVICEex:x { } }",
    # Oxigraph ends a local name at its second dot
    PREFIXES + "SELECT * { ?s ?p ex:a.b.SERVICE<http://x/>{} }",
    # … and falls back to "" and another string where an escape is wrong
    'SELECT * { VALUES ?v {""" x"} SERVICE <http://x/> {} # \\q """\n}',
]


@pytest.mark.parametrize("text", TRICKS)
def test_what_the_engine_would_read_as_service_does_not_reach_it(text: str) -> None:
    try:
        checked = check(text)
    except (QuerySyntaxError, QueryRejected):
        return
    assert not parses(checked.text)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <http://a> <http://b> 1 }",
        "PREFIX a: <http://a> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://example.org/>",
        "load silent <http://example.org/> into graph <http://g>",
        "CLEAR ALL",
        "DROP GRAPH <http://g>",
        "CREATE GRAPH <http://g>",
        "ADD <http://a> TO <http://b>",
        "MOVE <http://a> TO <http://b>",
        "COPY <http://a> TO <http://b>",
        "WITH <http://g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "\\u0049NSERT DATA {}",
        "SELECT * { ?s ?p ?o } INSERT DATA {}",
        "SELECT * { LOAD <http://x> }",
    ],
)
def test_refuses_updates(text: str) -> None:
    with pytest.raises(QueryRejected, match="update"):
        check(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "ends too early"),
        ("# nothing\n", 2, 1, "ends too early"),
        ("PREFIX ex: <http://a>", 1, 22, "ends too early"),
        ("FETCH ?x", 1, 1, "unexpected FETCH"),
        ("DEFINE get:soft 'replace' SELECT * {}", 1, 1, "unexpected DEFINE"),
        ("SELECT * {\n  ?s ?p 'x }", 2, 9, "string"),
        ("SELECT * { ?s ?p '''x'' }", 1, 18, "string"),
        ("SELECT * { ?s ?p 'a\\qb' }", 1, 18, "string"),
        ("SELECT * {\n ?s ex:p ?o }", 2, 5, "prefix ex: is not declared"),
        ("SELECT * { ?s ?p ?o ) }", 1, 21, "unexpected )"),
        ("SELECT * { ?s ?p ?o", 1, 10, "{ is not closed"),
        ("SELECT * { ?s ?p \0 }", 1, 18, "unexpected U+0000"),
        ("SELECT * { ?s ?p '\0' }", 1, 19, "unexpected U+0000"),
        ("SELECT * { ?s ?p '\ud800' }", 1, 19, "surrogate"),
        ("SELECT * { ?s ?p '\\uD800' }", 1, 18, "is no character"),
        ("SELECT * { ?s ?p '\\U00110000' }", 1, 18, "is no character"),
        ("SELECT * { ?s ?p \\u0022x' }", 1, 18, "cannot stand here"),
        ("SELECT * { <http://a/\\u003E> ?p ?o }", 1, 12, "cannot stand here"),
        ("SELECT * { ?s ?p ?o } ; SELECT * {}", 1, 23, "unexpected ;"),
        ("\u00a0SELECT * {}", 1, 1, "unexpected U+00A0"),
    ],
)
def test_names_the_place_of_what_no_query_can_hold(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        check(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)
    assert caught.value.details == {"line": line, "column": column}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("SEL\\u0045CT * { ?\\u0061 ?p ?o }", "SELECT * { ?a ?p ?o }"),
        ("ASK { ?s ?p '\\u0027\\u00e6' }", "ASK { ?s ?p '\\'\\u00e6' }"),
        ('ASK { ?s ?p "\\u005C\\u000A" }', 'ASK { ?s ?p "\\\\\\n" }'),
        ("ASK {} # \\u000A SERVICE", "ASK {} # /u000A SERVICE"),
        ("ASK { <http://a/\\u00E6> ?p 1 }", "ASK { <http://a/\\u00E6> ?p 1 }"),
    ],
)
def test_escapes_are_brought_into_the_form_that_all_engines_read_alike(
    text: str, becomes: str
) -> None:
    checked = check(text)
    assert checked.text == becomes
    assert parses(checked.text)


@pytest.mark.parametrize(
    ("clauses", "default", "named"),
    [
        (f"FROM <{ONE}>", (ONE,), ()),
        (f"FROM <{ONE}> FROM <{TWO}>", (ONE, TWO), ()),
        (f"FROM NAMED <{TWO}>", (), (TWO,)),
        (f"FROM<{ONE}>FROMNAMED<{TWO}>", (ONE,), (TWO,)),
        (f"from <{ONE}> from # x\n named <{TWO}>", (ONE,), (TWO,)),
        ("FROM g:one FROM NAMED g:two", (ONE,), (TWO,)),
        ("FROM <one> FROM NAMED <../graph/two>", (ONE,), (TWO,)),
        ("FROM <http://example.org/graph/\\u006Fne>", (ONE,), ()),
    ],
)
@pytest.mark.parametrize(
    "form",
    ["SELECT * {} WHERE {{}}", "ASK {} {{}}", "CONSTRUCT {{}} {} WHERE {{}}", "DESCRIBE * {}"],
)
def test_reads_the_dataset(
    form: str, clauses: str, default: tuple[str, ...], named: tuple[str, ...]
) -> None:
    graph = "http://example.org/graph/"
    text = f"BASE <{graph}> PREFIX g: <> " + form.format(clauses)
    checked = check(text, allowed_graphs={ONE, TWO})
    assert (checked.default_graphs, checked.named_graphs) == (default, named)


def test_a_base_can_be_given() -> None:
    assert check(
        "ASK FROM <one> {}", base_iri="http://example.org/graph/", allowed_graphs={ONE}
    ).default_graphs == (ONE,)


@pytest.mark.parametrize(
    "clauses",
    ["FROM <http://elsewhere.example/>", f"FROM <{ONE}> FROM NAMED <{TWO}>", "FROM NAMED g:three"],
)
def test_refuses_graphs_that_the_release_does_not_hold(clauses: str) -> None:
    with pytest.raises(QueryRejected, match="holds no graph"):
        check(
            f"PREFIX g: <http://example.org/graph/> SELECT * {clauses} {{}}", allowed_graphs={ONE}
        )


def test_refuses_a_relative_graph_without_a_base() -> None:
    with pytest.raises(QueryRejected, match="no absolute IRI"):
        check("SELECT * FROM <one> {}")


@pytest.mark.parametrize(
    ("body", "patterns"),
    [
        ("", 0),
        ("?s ?p ?o", 1),
        ("?s ?p ?o .", 1),
        ("?s ?p 1, 2, 3 ; ?q 'x'@da, '5'^^<http://t> ; .", 5),
        ("?s a ?c . ?c ?p true . FILTER(?c != 3 && ?s < 4) ?x ?y ?z", 3),
        ("?s <p:a>/<p:b>/<p:c> ?o", 3),
        ("?s ^<p:a>|!<p:b> ?o ; <p:c>* ?q", 3),
        ("?s (<p:a>/<p:b>)+ ?o", 2),
        ("[ ?p ?o ]", 1),
        ("[ ?p ?o ; ?q [ ?r 1, 2 ] ] ?x ?y .", 5),
        ("?s ?p (1 2 3)", 7),
        ("?s ?p () , ((1))", 6),
        ("OPTIONAL { ?s ?p ?o } MINUS { ?s ?p ?o } { ?s ?p ?o } UNION { ?s ?p ?o . }", 4),
        ("GRAPH ?g { ?s ?p ?o } GRAPH <g:g> { ?s ?p ?o }", 2),
        ("FILTER NOT EXISTS { ?s ?p ?o . ?o ?p ?s }", 2),
        ("FILTER(?x = 1 || EXISTS { ?s ?p ?o })", 1),
        ("BIND(1/2 AS ?h) VALUES (?a ?b) { (1 2) (3 4) } VALUES ?c { 1 2 3 }", 0),
        ("{ SELECT (SUM(?x)/2 AS ?h) { ?s ?p ?x . ?s ?q ?y } GROUP BY (?s+1) }", 2),
        ("?s ?p ?o {| ?a ?b |}", 2),
    ],
)
def test_counts_triple_patterns(body: str, patterns: int) -> None:
    text = f"SELECT * {{ {body} }}"
    assert parses(text)
    assert check(text).patterns == patterns


def test_a_template_is_not_counted() -> None:
    template = "?s ?p ?o . " * 90
    assert check(f"CONSTRUCT {{ {template} }} WHERE {{ ?s ?p ?o }}").patterns == 1
    assert check(f"CONSTRUCT WHERE {{ {template} }}").patterns == 90


def chain(length: int) -> str:
    return "SELECT * { " + " ".join(f"?x{i} ?p ?x{i + 1} ." for i in range(length)) + " }"


def nested(depth: int) -> str:
    return "SELECT * " + "{" * depth + "}" * depth


@pytest.mark.parametrize(
    ("allowed", "refused", "limit"),
    [
        (chain(100), chain(101), "patterns"),
        (
            "ASK { ?s " + "/".join(["<p:a>"] * 100) + " ?o }",
            "ASK { ?s " + "/".join(["<p:a>"] * 101) + " ?o }",
            "patterns",
        ),
        (nested(100), nested(101), "nesting"),
        (nested(100), nested(20_000), "nesting"),
        (
            f"ASK {{ FILTER({'(' * 98}1{')' * 98}) }}",
            f"ASK {{ FILTER({'(' * 99}1{')' * 99}) }}",
            "nesting",
        ),
        (f"ASK {{ FILTER({'!' * 100}1) }}", f"ASK {{ FILTER({'!' * 101}1) }}", "nesting"),
        (
            "ASK { " + "FILTER EXISTS { " * 99 + "}" * 100,
            "ASK { " + "FILTER EXISTS { " * 100 + "}" * 101,
            "nesting",
        ),
        (
            "ASK {" + " " * (64 * 1024 - 6) + "}",
            "ASK {" + " " * (64 * 1024 - 5) + "}",
            "bytes",
        ),
        ("ASK {}" + "#" + "æ" * 32_764, "ASK {}" + "#" + "æ" * 32_765, "bytes"),
    ],
)
def test_limits_hold_to_the_letter(allowed: str, refused: str, limit: str) -> None:
    assert isinstance(check(allowed), Checked)
    with pytest.raises(QueryRejected) as caught:
        check(refused)
    assert caught.value.details["limit"] == limit


@pytest.mark.parametrize(
    "unit",
    ["a.", "a:b.", "<a", "<a ", "<<", '"', "'", '"""', '\\"', "#\n", "(", "{?a", "1.e", "?a<?b ",
     "\\u0061", "'\\u0027", "a-", "::", "_:a.", "@a-", "%20", "\\#", "+1", ". ", "[] ", "\\"],
)  # fmt: skip
def test_reading_takes_linear_time(unit: str) -> None:
    """64 KB of anything, in the web process: a quadratic reader would take minutes."""
    for text in (unit, "SELECT * { ?s ?p " + unit, 'SELECT * { ?s ?p "'):
        text = (text + unit * (64 * 1024 // len(unit)))[: 64 * 1024]
        started = time.perf_counter()
        with contextlib.suppress(CoiError):
            check(text)
        assert time.perf_counter() - started < 5


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(QueryRejected, QuerySyntaxError):
        check(text)


FRAGMENTS = [
    "SERVICE<x:y>{}", " SERVICE <x:y> {} ", "SERVICEex:x{}", "SERVICESILENT<x:y>{}", "{", "}", "{}",
    "(", ")", "[", "]", " ", "\n", "\r", "#", "'", '"', '"""', "'''", "\\'", '\\"', "\\u0022",
    "\\u0053ERVICE", "\\q", "<", "<<", ">>", ">", "<?b#>", "<?b'>", "<=", "<a#b>", "?a", ".", ";",
    ",", "FILTER(?a<", "FILTER EXISTS{", "VALUES ?v{", "VALUES(?u ?v){(", "1", "2.5", "true",
    "ex:a", "ex:a.b.", "_:b.", "@en", "^^", "a ", "OPTIONAL{", "GRAPH ex:g{", "&&", "!", "/", "|",
    "?", "{|", "|}", "\\.", '"""c"""', "?s ?p ?o.", "?s ?p ", "STR(?a)",
]  # fmt: skip
FRAMES = [
    "ASK{%s}", "SELECT * {?s ?p ?o . %s }", "SELECT * { FILTER(?a %s) }", "SELECT * { ?s ?p %s }",
    "SELECT * { VALUES ?v {%s} }", "SELECT * { VALUES (?u ?v) {(%s)} }", "SELECT (?a%s AS ?r) {}",
    "SELECT * { ?s ?p (%s) }",
]  # fmt: skip


@settings(max_examples=2_000, deadline=None)
@given(st.sampled_from(FRAMES), st.lists(st.sampled_from(FRAGMENTS), max_size=8))
def test_no_arrangement_of_fragments_hides_a_service(frame: str, fragments: list[str]) -> None:
    """A SERVICE that the engine would obey is one that breaks the query when it is misspelt."""
    prefixes = "PREFIX ex:<x:e> PREFIX SERVICEex:<x:s> BASE <x:b/> "
    try:
        text = check(prefixes + frame % "".join(fragments)).text
    except CoiError:
        return
    if parses(text):
        assert parses(text.replace("SERVICE", "SERVIXE"))
