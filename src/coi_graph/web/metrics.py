"""`/metrics`: numbers for Prometheus, for who has the token of the setting ``metrics_token``.

Closed unless that is set. A restriction to the loopback interface would open it to everybody where
a proxy on the same machine stands in front, as `deploy/nginx.conf` has it.
"""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request

from .. import __version__
from ..config import Config
from ..errors import CoiError, NotFound
from ..i18n import Message
from ..publishing import proof, state
from .meter import Meter
from .negotiation import publication

metrics = Blueprint("metrics", __name__)

#: What a publisher may say of itself (`publishing.state`).
_STATES = ("off", "waiting", "publishing", "stopped")


class MetricsClosed(CoiError):
    """The token is missing, or another."""

    status = 401
    slug = "metrics-closed"
    title = Message("These numbers are for those who run the site")

    def __init__(self) -> None:
        super().__init__(
            Message("this address takes the token of the setting metrics_token"),
            remedy=Message("Send it: Authorization: Bearer …"),
        )


@metrics.get("/metrics")
def exposition() -> Response:
    meter: Meter | None = current_app.extensions["coi-meter"]
    settings: Config = current_app.extensions["coi-config"]
    if meter is None:
        raise NotFound(
            Message("this site publishes no metrics"),
            remedy=Message("Who runs it can set metrics_token."),
        )
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {settings.metrics_token}".encode()):
        raise MetricsClosed
    from prometheus_client import exposition as forms

    registry = meter.registry()
    text = forms.generate_latest(registry) + forms.generate_latest(_State(settings))
    response = Response(text, content_type=forms.CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


class _State:
    """What the folder of the releases says, the same for all processes: a collector."""

    def __init__(self, settings: Config) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        def gauge(name: str, text: str, value: float) -> Any:
            return GaugeMetricFamily(f"coi_{name}", text, value=value)

        yield InfoMetricFamily("coi_build", "The program.", value={"version": __version__})
        free = shutil.disk_usage(self._settings.home).free
        yield gauge("disk_free_bytes", "Free space where the releases are.", free)
        newest = publication().releases.current_number()
        yield gauge("release_newest", "The newest release there is; 0: none.", newest or 0)
        try:
            release = publication().current().release
        except CoiError:
            yield gauge("release_number", "The release that is served; 0: none.", 0)
        else:
            manifest = release.manifest
            issued = datetime.fromisoformat(manifest.issued).timestamp()
            yield gauge("release_number", "The release that is served; 0: none.", manifest.release)
            yield gauge("release_issued_timestamp_seconds", "When it was published.", issued)
            yield gauge("release_statements", "Statements in it.", manifest.quads)
        yield from self._publisher()
        yield from self._rehearsal()

    def _publisher(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        said = state.read(self._settings.home)
        states = GaugeMetricFamily(
            "coi_publisher_state", "1 for the state that the publisher is in.", labels=["state"]
        )
        for name in _STATES:
            states.add_metric([name], float(said.get("state") == name))
        yield states
        try:
            since = datetime.fromisoformat(str(said["since"])).timestamp()
        except (KeyError, ValueError):
            return
        yield GaugeMetricFamily(
            "coi_publisher_state_since_timestamp_seconds", "Since when it is.", value=since
        )

    def _rehearsal(self) -> Iterator[Any]:
        """Of the newest release that was copied from the site as a stranger would."""
        from prometheus_client.core import GaugeMetricFamily

        for release in reversed(publication().releases.all()):
            found = proof.read(release.path)
            if found is not None:
                yield GaugeMetricFamily(
                    "coi_rehearsal_release", "The newest release rehearsed.", value=found.release
                )
                yield GaugeMetricFamily(
                    "coi_rehearsal_passed", "1: the copy was the same.", value=float(found.passed)
                )
                return
