"""Settings: one name each, later wins, and an error says which setting and where it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from coi_graph import config
from coi_graph.config import Config
from coi_graph.errors import BadSetting


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def write(home: Path, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    (home / "coi-graph.toml").write_bytes(data)


def refusal(environ: dict[str, str], **options: object) -> str:
    with pytest.raises(BadSetting) as caught:
        config.load(environ, **options)
    return f"{caught.value} {caught.value.remedy or ''}"


def test_later_wins_default_file_environment_option(home: Path) -> None:
    environ = {"COI_HOME": str(home)}
    assert config.load(environ).port == 8000
    write(home, "port = 1")
    assert config.load(environ).port == 1
    environ["COI_PORT"] = "2"
    assert config.load(environ).port == 2
    assert config.load(environ, port=3).port == 3
    assert config.load(environ, port=None).port == 2, "an option that was not given"


def test_false_and_zero_win_like_any_other_value(home: Path) -> None:
    write(home, "examples = true\nkeep_releases = 7")
    environ = {"COI_HOME": str(home), "COI_EXAMPLES": "0", "COI_KEEP_RELEASES": "0"}
    assert config.load({"COI_HOME": str(home)}).examples is True
    assert config.load(environ).examples is False
    assert config.load(environ).keep_releases == 0
    assert config.load({"COI_HOME": str(home)}, examples=False).examples is False


def test_the_option_names_the_home_that_the_file_is_in(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir(), two.mkdir()
    write(one, "port = 1")
    write(two, "port = 2")
    loaded = config.load({"COI_HOME": str(one)}, home=two)
    assert (loaded.home, loaded.port) == (two, 2)


def test_another_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text("port = 5\nhome = '/srv/coi'")
    loaded = config.load({"COI_CONFIG": str(path)})
    assert (loaded.port, loaded.home) == (5, Path("/srv/coi"))
    path.unlink()
    assert "elsewhere.toml" in refusal({"COI_CONFIG": str(path)})


def test_without_anything_it_is_the_table() -> None:
    defaults = {setting.name: setting.default for setting in config.settings()}
    loaded = config.load({})
    assert {n: getattr(loaded, n) for n in defaults if n != "sources"} == {
        n: value for n, value in defaults.items() if n != "sources"
    }


def test_an_empty_variable_is_one_that_is_not_set(home: Path) -> None:
    # `COI_HOME=` in a compose file or a unit file
    empty = {setting.environment: "" for setting in config.settings()} | {"COI_CONFIG": ""}
    assert config.load(empty) == config.load({})
    write(home, "port = 1\nexamples = true\npublic_url = 'https://example.org/'")
    assert config.load({**empty, "COI_HOME": str(home)}) == config.load({"COI_HOME": str(home)})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("portt = 1", ["coi-graph.toml", "portt", "port"]),
        ("[server]\nport = 1", ["coi-graph.toml", "server"]),
        ("port = ", ["coi-graph.toml", "Invalid value"]),
        (b"port = 1 # \xff", ["coi-graph.toml"]),
        ("port = 'many'", ["coi-graph.toml", "port", "many"]),
        ("port = true", ["coi-graph.toml", "port"]),
        ("port = 80.5", ["coi-graph.toml", "port", "80.5"]),
        ("port = -1", ["coi-graph.toml", "port", "0"]),
        ("port = 65536", ["coi-graph.toml", "port", "65535"]),
        ("examples = 'perhaps'", ["coi-graph.toml", "examples", "perhaps"]),
        ("examples = 2", ["coi-graph.toml", "examples"]),
        ("sources = 5", ["coi-graph.toml", "sources", "5"]),
        ("host = 5", ["coi-graph.toml", "host", "5"]),
        ("host = ['a']", ["coi-graph.toml", "host"]),
        ("query_timeout = 0", ["coi-graph.toml", "query_timeout", "0.05"]),
        ("query_timeout = nan", ["coi-graph.toml", "query_timeout"]),
        ("query_timeout = inf", ["coi-graph.toml", "query_timeout"]),
        ("query_timeout = true", ["coi-graph.toml", "query_timeout"]),
    ],
)
def test_errors_in_the_file_name_file_and_setting(
    home: Path, text: str | bytes, names: list[str]
) -> None:
    write(home, text)
    message = refusal({"COI_HOME": str(home)})
    assert [name for name in names if name not in message] == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("COI_PORT", "http"),
        ("COI_PORT", "80.5"),
        ("COI_PORT", "65536"),
        ("COI_PORT", "²"),
        ("COI_EXAMPLES", "maybe"),
        ("COI_KEEP_RELEASES", "-1"),
        ("COI_QUERY_TIMEOUT", "soon"),
        ("COI_QUERY_TIMEOUT", "inf"),
        ("COI_QUERY_WORKERS", "0"),
    ],
)
def test_errors_in_the_environment_name_the_variable(variable: str, value: str) -> None:
    message = refusal({variable: value})
    assert variable in message


def test_errors_in_an_option_name_the_option() -> None:
    assert "--keep-releases" in refusal({}, keep_releases=-1)


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "yes", "on", " On "])
def test_words_for_on(word: str) -> None:
    assert config.load({"COI_EXAMPLES": word}).examples is True


@pytest.mark.parametrize("word", ["0", "false", "False", "no", "off"])
def test_words_for_off(word: str) -> None:
    assert config.load({"COI_EXAMPLES": word}, home=None).examples is False


def test_a_child_process_loads_the_same_settings(home: Path) -> None:
    write(home, "port = 1\nexamples = true\nquery_timeout = 2.5\nquery_workers = 3")
    loaded = config.load(
        {"COI_HOME": str(home), "COI_PUBLIC_URL": "https://æøå.example/"},
        sources=home / "a b",
        host="::1",
    )
    assert config.load(config.as_environment(loaded)) == loaded
    assert all(name.startswith("COI_") for name in config.as_environment(loaded))


def test_the_sources_are_the_checkout_that_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology/coi.ttl").write_text("")
    monkeypatch.chdir(tmp_path)
    assert config.load({}).sources == tmp_path
    monkeypatch.chdir("/")
    assert (config.load({}).sources / "ontology").is_dir(), "those that came with the program"
    assert config.load({"COI_SOURCES": "/x"}).sources == Path("/x")


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert Config(host="::1").site == "http://[::1]:8000/"


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("", "http://127.0.0.1:8000/"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/coi/", "https://example.org/coi/"),
    ],
)
def test_the_sites_own_address_ends_with_a_slash(url: str, site: str) -> None:
    assert Config(public_url=url).site == site


def test_every_setting_is_described_in_both_languages() -> None:
    table = config.settings()
    assert [s.name for s in table if not s.help or not s.help_da or s.help == s.help_da] == []
    assert {s.environment for s in table} >= {"COI_HOME", "COI_PUBLIC_URL", "COI_QUERY_TIMEOUT"}
    assert all(s.environment == "COI_" + s.name.upper() for s in table)


def test_the_environment_is_read_only_when_loading(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = config.load(home=home)
    monkeypatch.setenv("COI_PORT", "1234")
    assert loaded.port == 8000
    assert config.load(home=home).port == 1234
