"""When accepted contributions are published: the setting ``publish``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from ..errors import BadSetting
from ..i18n import Message

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Schedule:
    """At once, at a time of day (of the machine's time zone), or never by itself."""

    at_once: bool
    daily: time | None = None

    @classmethod
    def read(cls, setting: str) -> Schedule:
        """Raises `BadSetting`."""
        if setting in ("at once", "never"):
            return cls(setting == "at once")
        match = _TIME.fullmatch(setting)
        if match is None:
            raise BadSetting(
                Message("“%(value)s” is not what the setting “publish” takes", value=setting[:40]),
                remedy=Message("It takes “at once”, a time of day like “03:30”, or “never”."),
            )
        return cls(False, time(int(match[1]), int(match[2])))

    def is_due(self, last: datetime, now: datetime) -> bool:
        """Whether to publish ``now``, where it was looked at ``last`` (both local times)."""
        if self.at_once:
            return True
        if self.daily is None:
            return False
        today = datetime.combine(now.date(), self.daily, now.tzinfo)
        return last < today <= now
