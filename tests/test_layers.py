"""The layers of docs/architecture.md: imports point downward only.

Read from the source with `ast`, so that an import inside a function counts as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import coi_graph

PACKAGE = Path(coi_graph.__file__).parent

#: The layer of each module or package directly below `coi_graph`; 1 is the lowest.
LAYERS = {
    "__main__": 5,
    "cli": 5,
    "commands": 5,
    "web": 4,
    "following": 3,
    "publishing": 3,
    "validation": 3,
    "intake": 3,
    "description": 3,
    "catalogue": 3,
    "documentation": 3,
    "ledger": 3,
    "search": 3,
    "mail": 3,
    "query": 2,
    "store": 2,
    "media": 2,
    "config": 2,
    "people_settings": 2,
    "setting_values": 2,
    "errors": 1,
    "i18n": 1,
    "namespaces": 1,
}
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "node_modules" not in path.parts and "bundled" not in path.parts
}
#: Modules that may not be named for what they are not.
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib"}


def imports(name: str) -> Iterator[str]:
    """Absolute dotted names of what module ``name`` imports; of `from a import b`, ``a.b``."""
    path = MODULES[name]
    package = ["coi_graph", *name.split(".")[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def own_imports(name: str) -> set[str]:
    """The top-level modules and packages of ours that module ``name`` imports."""
    return {
        parts[1]
        for dotted in imports(name)
        if (parts := dotted.split("."))[0] == "coi_graph" and len(parts) > 1
    } - {"__version__"}


def top(name: str) -> str:
    return name.split(".")[0]


def test_relative_imports_are_understood() -> None:
    assert "publishing" in own_imports("commands.build")
    assert {"store", "errors", "publishing"} <= own_imports("publishing.releases")


def test_every_module_has_a_layer() -> None:
    assert {top(name) for name in MODULES} - LAYERS.keys() == {"__init__"}


@pytest.mark.parametrize("name", [name for name in MODULES if name != "__init__"])
def test_imports_point_downward(name: str) -> None:
    layer = LAYERS[top(name)]
    upward = {other for other in own_imports(name) if LAYERS[other] > layer}
    assert upward == set()


def test_no_two_packages_import_each_other() -> None:
    """Within a layer the arrows have a direction too."""
    arrows: dict[str, set[str]] = {}
    for name in MODULES:
        arrows.setdefault(top(name), set()).update(own_imports(name) - {top(name)})

    def reachable(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for other in arrows.get(waiting.pop(), set()) - found:
                found.add(other)
                waiting.append(other)
        return found

    assert [name for name in arrows if name in reachable(name)] == []


def test_flask_and_its_family_are_in_the_web_only() -> None:
    family = {"flask", "flask_babel", "flask_wtf", "werkzeug", "jinja2"}
    users = {name for name in MODULES for dotted in imports(name) if top(dotted) in family}
    assert users, "the web imports it"
    assert {name for name in users if top(name) != "web"} == set()


def test_click_is_in_the_command_line_only() -> None:
    users = {name for name in MODULES for dotted in imports(name) if top(dotted) == "click"}
    assert {name for name in users if LAYERS[top(name)] != 5} == set()


def uses(attribute: str, *owners: str) -> set[str]:
    """Modules that say ``owner.attribute``, or import the attribute from the owner by name."""
    found = set()
    for name, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = {*owners} | {
            alias.asname
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.name in owners and alias.asname
        }
        for node in ast.walk(tree):
            said = (
                isinstance(node, ast.Attribute)
                and node.attr == attribute
                and isinstance(node.value, ast.Name)
                and node.value.id in known
            )
            if said or (
                isinstance(node, ast.ImportFrom)
                and node.module in owners
                and attribute in {alias.name for alias in node.names}
            ):
                found.add(name)
    return found


def test_only_store_py_opens_a_store() -> None:
    # The query worker is a process of its own, which imports as little as it can.
    assert uses("Store", "pyoxigraph") - {"query.worker", "query.copies"} == {"store"}


def test_only_config_py_reads_the_environment() -> None:
    # `serve` hands the web processes their configuration, the pool hands its workers the
    # linker's path: both pass an environment on, neither reads a setting.
    assert uses("environ", "os") <= {
        *("config", "commands.serve", "commands.publisher", "query.process"),
    }
    assert "config" in uses("environ", "os")
    assert uses("getenv", "os") | uses("environb", "os") | uses("putenv", "os") == set()


def test_serve_only_adds_to_the_environment() -> None:
    tree = ast.parse(MODULES["commands.serve"].read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        owner = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(owner, ast.Attribute) and owner.attr == "environ":
            assert isinstance(node, ast.Attribute)
            assert node.attr == "update"


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_longer_than_300_lines(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_named_for_what_it_is_not(name: str) -> None:
    assert NO_NAMES.isdisjoint(name.split("."))


@pytest.mark.parametrize("name", MODULES)
def test_no_state_in_module_globals(name: str) -> None:
    """State lives in objects handed down: no `global`, and no mutable module-level name in
    lower case."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    assert [node.names for node in ast.walk(tree) if isinstance(node, ast.Global)] == []
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    targets = [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, mutable)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert [t for t in targets if not t.strip("_").isupper() and t != "__all__"] == []
