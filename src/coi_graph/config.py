"""Every setting, in one table; the only reader of the environment.

A setting has one name: ``query_timeout`` in the settings file (``coi-graph.toml`` in the home
folder, or the file that ``COI_CONFIG`` names), ``COI_QUERY_TIMEOUT`` in the environment, and
``--query-timeout`` where a command offers it. Later wins: default, file, environment, option.
What is secret is taken from the environment only, or from a
file of its own that ``COI_…_FILE`` names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from .people_settings import PeopleSettings
from .setting_values import convert, environment_name, read_file, read_secret, setting

MIB = 1024 * 1024
SETTINGS_FILE = "coi-graph.toml"
_BUNDLED = Path(__file__).parent / "bundled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(PeopleSettings):
    """The settings of one process. Times are in seconds, sizes in bytes."""

    home: Path = setting(
        Path("var"), "folder of the releases and the ledger", "mappe med udgivelserne og hovedbogen"
    )
    sources: Path = setting(
        Path(),
        "folder that holds ontology/, data/, shapes/ and queries/",
        "mappe med ontology/, data/, shapes/ og queries/",
    )
    public_url: str = setting(
        "",
        "the site's own address for absolute links; empty: http://HOST:PORT/",
        "webstedets egen adresse til absolutte links; tom: http://HOST:PORT/",
    )
    host: str = setting("127.0.0.1", "network address to listen on", "netværksadresse at lytte på")
    port: int = setting(8000, "port to listen on", "port at lytte på", at_least=0, at_most=65535)
    web_workers: int = setting(2, "web processes", "webprocesser", at_least=1)
    web_threads: int = setting(4, "threads of a web process", "tråde i en webproces", at_least=1)
    examples: bool = setting(
        False, "publish the invented examples too", "udgiv også de opdigtede eksempler"
    )
    keep_releases: int = setting(
        100,
        "how many releases stay readable by number; 0 keeps all",
        "hvor mange udgivelser der kan læses efter nummer; 0 beholder alle",
        at_least=0,
    )
    keep_dumps: int = setting(
        12,
        "how many releases keep their dumps; 0 keeps all",
        "hvor mange udgivelser der beholder deres filer til download; 0 beholder alle",
        at_least=0,
    )
    rehearse: bool = setting(
        True,
        "copy each new release from the site itself, and publish whether that worked",
        "kopiér hver ny udgivelse fra webstedet selv, og offentliggør, om det lykkedes",
    )
    min_free: int = setting(
        256 * MIB,
        "free disk space below which nothing is published",
        "ledig diskplads, hvorunder intet udgives",
        at_least=0,
    )
    query_timeout: float = setting(
        30.0, "longest time of a query", "længste tid for en forespørgsel", at_least=0.05
    )
    query_memory: int = setting(
        2048 * MIB,
        "memory that one query may take",
        "hukommelse, som én forespørgsel må bruge",
        at_least=64 * MIB,
    )
    query_result_bytes: int = setting(
        100 * MIB, "largest result", "største resultat", at_least=1024
    )
    query_workers: int = setting(
        2, "query processes of a web process", "forespørgselsprocesser pr. webproces", at_least=1
    )
    query_queue: int = setting(
        32,
        "queries that may wait for a process; more are answered 503",
        "forespørgsler, der må vente på en proces; flere får svaret 503",
        at_least=0,
    )
    query_cache: int = setting(
        64 * MIB,
        "memory of a web process for answers that it has computed; 0 keeps none",
        "en webproces' hukommelse til svar, den har beregnet; 0 gemmer ingen",
        at_least=0,
    )
    memory_quads: int = setting(
        200_000,
        "statements up to which a release is read from memory: 0.7 KiB each in every web and query"
        " process; 0: never",
        "antal udsagn, op til hvilket en udgivelse læses fra hukommelsen: 0,7 KiB for hvert i hver"
        " web- og forespørgselsproces; 0: aldrig",
        at_least=0,
    )
    client_seconds: float = setting(
        60.0,
        "seconds a minute of the engine, and as many of checks, that one client may spend in a web"
        " process; 0: no limit",
        "sekunder pr. minut af motoren, og lige så mange af kontroller, som én klient må bruge i en"
        " webproces; 0: ingen grænse",
        at_least=0,
    )
    check_timeout: float = setting(
        60.0,
        "longest time of a check of contributed files",
        "længste tid for en kontrol af indsendte filer",
        at_least=0.05,
    )
    check_memory: int = setting(
        2048 * MIB,
        "memory that one check may take",
        "hukommelse, som én kontrol må bruge",
        at_least=256 * MIB,
    )
    check_workers: int = setting(
        1, "check processes of a web process", "kontrolprocesser pr. webproces", at_least=1
    )
    check_queue: int = setting(
        8,
        "checks that may wait for a process; more are answered 503",
        "kontroller, der må vente på en proces; flere får svaret 503",
        at_least=0,
    )
    check_bytes: int = setting(
        32 * MIB, "largest file that is checked", "største fil, der kontrolleres", at_least=1024
    )
    check_statements: int = setting(
        250_000,
        "most statements of a file that is checked",
        "flest udsagn i en fil, der kontrolleres",
        at_least=1,
    )
    keep_reports: int = setting(
        1000,
        "how many reports on checked files are kept; 0 keeps none",
        "hvor mange rapporter om kontrollerede filer der gemmes; 0 gemmer ingen",
        at_least=0,
    )
    keep_reports_days: int = setting(
        30,
        "days after which a report is deleted",
        "antal dage, hvorefter en rapport slettes",
        at_least=1,
    )
    keep_reports_bytes: int = setting(
        1024 * MIB,
        "disk space for reports and the tables that they mark; the oldest go first",
        "diskplads til rapporter og de tabeller, de markerer; de ældste ryger først",
        at_least=0,
    )
    engine: str = setting(
        "",
        "SPARQL address of a remote engine to read from; empty: our own store",
        "SPARQL-adresse på en ekstern database at læse fra; tom: vores eget lager",
    )
    engine_update: str = setting(
        "",
        "where that engine takes SPARQL Update; empty: at its SPARQL address",
        "hvor databasen tager imod SPARQL Update; tom: på dens SPARQL-adresse",
    )
    engine_user: str = setting("", "user of that engine", "bruger i databasen", secret=True)
    engine_password: str = setting("", "that user's password", "brugerens adgangskode", secret=True)
    engine_queries: int = setting(
        8,
        "queries that a web process has at that engine at once",
        "forespørgsler, som en webproces har i databasen ad gangen",
        at_least=1,
    )
    ledger: str = setting(
        "",
        "database of contributions and accounts; empty: ledger.sqlite in the home folder",
        "database med bidrag og konti; tom: ledger.sqlite i hjemmemappen",
        secret=True,
    )
    token: str = setting(
        "",
        "token with which “coi-graph contribute” sends to a publisher",
        "token, som »coi-graph contribute« sender til en udgiver med",
        secret=True,
    )
    metrics_token: str = setting(
        "", "token that opens /metrics", "token, der åbner /metrics", secret=True
    )
    publish: str = setting(
        "at once",
        "when accepted contributions are published: “at once”, a time of day “03:30”, or “never”",
        "hvornår godkendte bidrag udgives: »at once« (straks), et klokkeslæt »03:30« eller »never«",
    )
    accel_redirect: str = setting(
        "",
        "internal nginx location that serves the folder of the releases; empty: we send dumps",
        "intern nginx-adresse, der udleverer mappen med udgivelserne; tom: vi sender selv filerne",
    )
    trusted_proxies: int = setting(
        0,
        "proxies in front whose X-Forwarded-For is believed",
        "foranstillede proxyer, hvis X-Forwarded-For der stoles på",
        at_least=0,
    )

    @property
    def site(self) -> str:
        """The site's own address, with a slash at its end; never taken from a request."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        url = self.public_url or f"http://{host}:{self.port}/"
        return url if url.endswith("/") else url + "/"

    @property
    def releases(self) -> Path:
        return self.home / "releases"


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the settings' table in the docs."""

    name: str
    environment: str
    default: object
    help: str
    help_da: str


def settings() -> list[Setting]:
    """The table of all settings, in the order of their declaration."""
    return [
        Setting(
            item.name,
            environment_name(item),
            item.default,
            item.metadata["help"],
            item.metadata["help_da"],
        )
        for item in fields(Config)
    ]


def load(environ: Mapping[str, str] | None = None, **options: object) -> Config:
    """The configuration from file, environment and ``options`` (those that are not None).

    Raises `BadSetting` that names the setting, where it was given, and what it takes.
    """
    given_environ = os.environ if environ is None else environ
    # A variable that is empty is one that is not set, as in `COI_HOME=` of a compose file.
    env = {name: value for name, value in given_environ.items() if value}
    given: dict[str, tuple[object, str]] = {}
    home = options.get("home") or env.get("COI_HOME") or "var"
    settings_file = Path(env.get("COI_CONFIG") or Path(str(home)) / SETTINGS_FILE)
    if settings_file.exists() or "COI_CONFIG" in env:
        for name, value in read_file(
            settings_file, {item.name: item for item in fields(Config)}
        ).items():
            given[name] = (value, settings_file.name)
    for item in fields(Config):
        file = environment_name(item) + "_FILE"
        if item.metadata["secret"] and file in env:
            given[item.name] = (read_secret(Path(env[file]), file), file)
        if environment_name(item) in env:
            given[item.name] = (env[environment_name(item)], environment_name(item))
        if options.get(item.name) is not None:
            given[item.name] = (options[item.name], "--" + item.name.replace("_", "-"))
    values = {
        item.name: convert(item, *given[item.name]) for item in fields(Config) if item.name in given
    }
    if "sources" not in values:
        here = Path.cwd()
        values["sources"] = here if (here / "ontology" / "coi.ttl").exists() else _default_sources()
    return Config(**cast(dict[str, Any], values))


def as_environment(config: Config) -> dict[str, str]:
    """The environment that makes a child process load the same configuration."""
    return {
        environment_name(item): str(int(value) if isinstance(value, bool) else value)
        for item in fields(Config)
        if (value := getattr(config, item.name)) is not None
    }


def _default_sources() -> Path:
    """The files that the wheel carries, or the checkout that an editable install stands in."""
    return _BUNDLED if _BUNDLED.exists() else Path(__file__).parents[2]
