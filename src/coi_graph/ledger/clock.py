"""Times as the ledger writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now() -> str:
    """UTC, for instance ``2026-11-25T14:03:07Z``."""
    return stamp(datetime.now(UTC))


def after(**time: float) -> str:
    """The time in so many ``days=``, ``hours=`` … from now."""
    return stamp(datetime.now(UTC) + timedelta(**time))


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(time: str) -> datetime:
    """The other way round."""
    return datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def today() -> str:
    return now()[:10]


def is_future_day(day: str) -> bool:
    """Whether ``day`` is a calendar day (``2027-06-30``), today or later."""
    try:
        return datetime.strptime(day, "%Y-%m-%d").strftime("%Y-%m-%d") >= today()
    except ValueError:
        return False
