"""Files that are no data, say they are something else, are in a strange encoding, or are huge."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

from case import Case, quiet, refused, remark

P = "@prefix : <https://e.example/> .\n"
TTL = P + ':a :b "nærhed" .\n'
MB = 1_000_000


def zipped(*names: str, content: bytes = b"x") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def opendocument(kind: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<x/>")
    return file.getvalue()


def big_turtle(size: int) -> bytes:
    """About ``size`` bytes of statements, all different."""
    line = ':r%08d :p "' + "x" * 60 + '" .\n'
    return (P + "".join(line % i for i in range(size // 78))).encode()


CASES: list[Case] = [
    refused("other/empty", "f.ttl", b"", "tom", "empty"),
    refused("other/only-spaces", "f.ttl", b" \n\t\n", "tom", "empty"),
    refused("other/only-bom", "f.ttl", b"\xef\xbb\xbf", "tom", "empty", mend=False),
    refused("other/one-nul", "f.ttl", b"\x00", "", "", "*", mend=False),
    refused("other/gzip", "f.ttl.gz", gzip.compress(TTL.encode()), "Pak den ud", "Unpack"),
    refused("other/gzip-named-turtle", "f.ttl", gzip.compress(TTL.encode()), "gzip", "gzip"),
    refused("other/gzip-bomb", "f.ttl", gzip.compress(b"\x00" * 50 * MB), "gzip", "gzip"),
    refused("other/bzip2", "f.nt", bz2.compress(TTL.encode()), "bzip2", "bzip2"),
    refused("other/xz", "f.nt", lzma.compress(TTL.encode()), "xz", "xz"),
    refused("other/7z", "f.7z", b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z", "7z"),
    refused("other/rar", "f.rar", b"Rar!\x1a\x07" + bytes(100), "RAR", "RAR"),
    refused("other/zip", "f.zip", zipped("data.ttl", content=TTL.encode()), "zip", "zip"),
    refused("other/zip-named-turtle", "f.ttl", zipped("data.ttl"), "zip", "zip"),
    refused("other/pdf", "f.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF", "PDF"),
    refused("other/pdf-named-csv", "f.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF", "PDF"),
    refused(
        "other/word", "f.docx", zipped("[Content_Types].xml", "word/document.xml"), "Word", "Word"
    ),
    refused(
        "other/word-named-xlsx",
        "f.xlsx",
        zipped("[Content_Types].xml", "word/document.xml"),
        "Word",
        "Word",
    ),
    refused(
        "other/powerpoint",
        "f.pptx",
        zipped("[Content_Types].xml", "ppt/presentation.xml"),
        "PowerPoint",
        "PowerPoint",
    ),
    refused(
        "other/old-excel",
        "f.xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        ".xlsx",
        ".xlsx",
    ),
    refused("other/opendocument-sheet", "f.ods", opendocument("spreadsheet"), ".xlsx", ".xlsx"),
    refused(
        "other/opendocument-text", "f.odt", opendocument("text"), "OpenDocument", "OpenDocument"
    ),
    refused("other/rtf", "f.rtf", rb"{\rtf1\ansi Hej}", "RTF", "RTF"),
    refused("other/png", "f.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "billede", "image"),
    refused("other/jpeg-named-xlsx", "f.xlsx", b"\xff\xd8\xff\xe0" + bytes(50), "billede", "image"),
    refused("other/sqlite", "f.db", b"SQLite format 3\x00" + bytes(100), "SQLite", "SQLite"),
    refused("other/program", "f.exe", b"MZ\x90\x00" + bytes(100), "program", "program"),
    refused("other/html", "f.html", b"<!doctype html><title>x</title>", "HTML", "HTML"),
    refused("other/html-named-turtle", "f.ttl", b"\n<html>\n<head></head></html>", "HTML", "HTML"),
    refused("other/html-named-csv", "f.csv", b"<!DOCTYPE html>\n<html></html>", "HTML", "HTML"),
    refused("other/plain-text", "brev.txt", "Kære COI\nHer er vores data.\n", "", "", mend=True),
    refused("other/markdown", "f.md", "# Om os\n\nVi er et center.\n", "Der modtages", "Taken in"),
    refused("other/no-ending", "README", "Hej med dig\n", "Der modtages", "Taken in"),
    refused(
        "other/random-bytes",
        "f.bin",
        bytes((i * 37 + 11) % 251 + 4 for i in range(5000)),
        "",
        "",
        mend=True,
    ),
    refused(
        "other/random-named-turtle",
        "f.ttl",
        bytes((i * 91 + 7) % 256 for i in range(5000)),
        "",
        "",
        "*",
        mend=True,
    ),
    quiet("other/no-ending-turtle", "data", TTL),
    quiet("other/folders-in-name", "../../etc/passwd.ttl", TTL),
    quiet("other/backslashes-in-name", "C:\\Brugere\\mig\\f.ttl", TTL),
    quiet("other/long-name", "x" * 5000 + ".ttl", TTL),
    quiet("other/danish-name", "æblegrød på øen.ttl", TTL),
    quiet("other/control-in-name", "f\x1b[31m\n.ttl", TTL),
    quiet("other/capital-ending", "F.TTL", TTL),
    remark("other/turtle-named-csv", "f.csv", TTL, "Turtle", "Turtle"),
    remark("other/turtle-named-rdf", "f.rdf", TTL, "Turtle", "Turtle"),
    remark("other/turtle-named-json", "f.json", TTL, "Turtle", "Turtle"),
    remark("other/turtle-named-xlsx", "f.xlsx", TTL, "Turtle", "Turtle"),
    remark("other/trig-named-turtle", "f.ttl", P + ":g { :a :b :c }", "TriG", "TriG"),
    remark(
        "other/nquads-named-turtle",
        "f.ttl",
        '<https://e.example/a> <https://e.example/p> "x" <https://e.example/g> .\n',
        "N-Quads",
        "N-Quads",
    ),
    # Encodings
    refused(
        "encoding/windows-1252",
        "f.ttl",
        TTL.encode("cp1252"),
        "Windows-1252",
        "Windows-1252",
        "2:9",
    ),
    refused(
        "encoding/windows-1252-nt",
        "f.nt",
        '<https://e.example/a> <https://e.example/p> "på" .'.encode("cp1252"),
        "»å«",
        "“å”",
        "1:47",
    ),
    refused(
        "encoding/windows-1252-json",
        "f.jsonld",
        '{"a": "nærhed"}'.encode("cp1252"),
        "Windows-1252",
        "Windows-1252",
        "1:9",
    ),
    refused(
        "encoding/mixed",
        "f.ttl",
        TTL.encode() + ':c :d "røre" .\n'.encode("cp1252"),
        "blander",
        "mixes",
        "3:9",
    ),
    refused(
        "encoding/mixed-far-down",
        "f.ttl",
        TTL.encode() + b":a :b 1 .\n" * 5000 + ':c :d "røre" .\n'.encode("cp1252"),
        "blander",
        "mixes",
        "5003:9",
    ),
    refused(
        "encoding/cut-in-a-letter",
        "f.ttl",
        (P + ':a :b "n').encode() + b"\xc3",
        "holder op",
        "breaks off",
        "2:9",
    ),
    refused(
        "encoding/overlong",
        "f.ttl",
        (P + ':a :b "').encode() + b"\xc0\xaf" + b'" .',
        "UTF-8",
        "UTF-8",
        "2:8",
    ),
    refused(
        "encoding/surrogates",
        "f.ttl",
        (P + ':a :b "').encode() + b"\xed\xa0\x80" + b'" .',
        "UTF-8",
        "UTF-8",
        "2:8",
    ),
    refused("encoding/utf16-odd", "f.ttl", TTL.encode("utf-16")[:-1], "UTF-16", "UTF-16"),
    refused("encoding/ebcdic", "f.ttl", TTL.encode("cp500", "replace"), "", "", "*", mend=True),
    remark("encoding/utf16", "f.ttl", TTL.encode("utf-16"), "UTF-16", "UTF-16", severity="info"),
    remark("encoding/utf16-be", "f.ttl", b"\xfe\xff" + TTL.encode("utf-16-be"), "UTF-16", "UTF-16"),
    remark("encoding/utf16-no-mark", "f.ttl", TTL.encode("utf-16-le"), "UTF-16", "UTF-16"),
    remark("encoding/utf32", "f.ttl", TTL.encode("utf-32"), "UTF-32", "UTF-32"),
    remark(
        "encoding/utf16-json",
        "f.jsonld",
        '{"@id":"https://e.example/a","https://e.example/p":"æ"}'.encode("utf-16"),
        "UTF-16",
        "UTF-16",
    ),
    quiet("encoding/utf8-bom", "f.ttl", TTL.encode("utf-8-sig")),
    # Huge
    refused("huge/100-mb-turtle", "f.ttl", lambda _: big_turtle(100 * MB), "MB", "MB", seconds=30),
    refused("huge/100-mb-one-line", "f.ttl", lambda _: b"x" * 100 * MB, "MB", "MB", seconds=30),
    refused("huge/100-mb-nul", "f.csv", lambda _: bytes(100 * MB), "MB", "MB", seconds=30),
    refused(
        "huge/100-mb-xlsx",
        "f.xlsx",
        lambda _: zipped("xl/workbook.xml") + bytes(100 * MB),
        "MB",
        "MB",
        seconds=30,
    ),
    refused(
        "huge/30-mb-turtle",
        "f.ttl",
        lambda _: big_turtle(30 * MB),
        "250000 udsagn",
        "250000 statements",
        seconds=60,
    ),
    refused(
        "huge/30-mb-brackets",
        "f.ttl",
        lambda _: P.encode() + b":a :p " + b"[ " * 15 * MB,
        "100 niveauer",
        "100 levels",
        "2:",
        seconds=60,
    ),
    refused(
        "huge/30-mb-quote",
        "f.ttl",
        lambda _: P.encode() + b':a :p "' + b"x" * 30 * MB,
        "anførselstegnet",
        "quotation mark",
        "2:1",
        seconds=60,
    ),
    refused(
        "huge/30-mb-json-text",
        "f.jsonld",
        lambda _: b'{"a":"' + b"x" * 30 * MB,
        "",
        "",
        "1:6",
        seconds=60,
    ),
    refused(
        "huge/30-mb-json-brackets",
        "f.jsonld",
        lambda _: b"[" * 30 * MB,
        "100 niveauer",
        "100 levels",
        "1:101",
        seconds=60,
    ),
    refused(
        "huge/30-mb-xml-text",
        "f.rdf",
        lambda _: b'<a xmlns="x">' + b"x" * 30 * MB,
        "afkortet",
        "cut off",
        "1:",
        seconds=60,
    ),
    refused(
        "huge/30-mb-xml-attribute",
        "f.rdf",
        lambda _: b'<a xmlns="x" b="' + b"x" * 30 * MB,
        "",
        "",
        "1:",
        seconds=60,
    ),
    refused(
        "huge/30-mb-comments",
        "f.ttl",
        lambda _: b"#" * 30 * MB,
        "for langt",
        "too long",
        "1:1",
        seconds=60,
    ),
    refused(
        "huge/30-mb-spaces",
        "f.ttl",
        lambda _: P.encode() + b" " * 30 * MB + b"x",
        "",
        "",
        "2:",
        seconds=60,
        mend=False,
    ),
    refused(
        "huge/30-mb-lines",
        "f.ttl",
        lambda _: P.encode() + b"\n" * 30 * MB + b"x",
        "»x«",
        "“x”",
        "30000002:1",
        seconds=60,
    ),
    refused(
        "huge/20-mb-errors",
        "f.nt",
        lambda _: b"x y z .\n" * 2_500_000,
        "",
        "",
        "1:1",
        seconds=60,
        mend=False,
    ),
]
