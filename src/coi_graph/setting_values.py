"""Values of settings: from a file, from the environment's texts, and what is wrong with them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import Field, field
from pathlib import Path
from typing import Any, cast

from .errors import BadSetting
from .i18n import Message


def setting(
    default: Any,
    help: str,
    help_da: str,
    *,
    at_least: float = -math.inf,
    at_most: float = math.inf,
    secret: bool = False,
) -> Any:
    """A field of `config.Config`."""
    more = {"at_least": at_least, "at_most": at_most, "secret": secret}
    return field(
        default=default, repr=not secret, metadata={"help": help, "help_da": help_da, **more}
    )


def environment_name(item: Field[Any]) -> str:
    return "COI_" + item.name.upper()


def read_file(path: Path, items: Mapping[str, Field[Any]]) -> dict[str, object]:
    """What the settings file says of the settings ``items``.

    Raises `BadSetting` for a file that cannot be read, a name that is none, and a secret.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (OSError, ValueError) as error:  # ValueError: no TOML, or no UTF-8
        raise BadSetting(
            Message("the settings file %(path)s cannot be read: %(why)s", path=path, why=error)
        ) from error
    for name in table:
        if name not in items:
            raise BadSetting(
                Message("%(where)s: there is no setting “%(name)s”", where=path.name, name=name),
                remedy=Message("The settings are: %(names)s", names=", ".join(sorted(items))),
            )
        if items[name].metadata["secret"]:
            raise BadSetting(
                Message(
                    "%(where)s: “%(name)s” must not stand in a file", where=path.name, name=name
                ),
                remedy=Message(
                    "Set %(name)s in the environment.", name=environment_name(items[name])
                ),
            )
    return table


def read_secret(path: Path, where: str) -> str:
    """What stands in the file that ``where`` names, without the end of its line."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise BadSetting(
            Message("%(where)s: the file cannot be read: %(why)s", where=where, why=error)
        ) from error


def convert(item: Field[Any], value: object, where: str) -> object:
    """``value`` as the setting takes it. Raises `BadSetting` that says ``where`` it was given."""
    kind: type = type(item.default)
    try:
        converted = _as_bool(value) if kind is bool else _as(kind, value)
    except (TypeError, ValueError):
        raise BadSetting(
            Message(
                "%(where)s: “%(value)s” is not what the setting “%(name)s” takes (%(kind)s)",
                where=where,
                value=value,
                name=item.name,
                kind="path" if issubclass(kind, Path) else kind.__name__,
            )
        ) from None
    least, most = item.metadata["at_least"], item.metadata["at_most"]
    if kind in (int, float) and not least <= converted <= most:
        bound = Message("at least %(bound)s", bound=least)
        if converted > most:
            bound = Message("at most %(bound)s", bound=most)
        raise BadSetting(
            Message(
                "%(where)s: “%(name)s” must be %(bound)s", where=where, name=item.name, bound=bound
            )
        )
    return converted


def _as(kind: type, value: object) -> Any:
    """A text, as the environment gives it, or a value of the settings file's own types."""
    if kind is int or kind is float:
        if isinstance(value, bool) or (kind is int and isinstance(value, float)):
            raise TypeError
        number: int | float = kind(cast(Any, value))
        if not math.isfinite(number):
            raise ValueError
        return number
    if not isinstance(value, str | Path):
        raise TypeError
    return Path(value) if issubclass(kind, Path) else str(value)


def _as_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(word)
