"""The Flask application: what it is made of, and what every answer carries."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from ..config import Config
from ..config import load as load_config
from ..description import paths
from ..errors import CoiError
from ..i18n import LANGUAGES, TRANSLATIONS, Message
from ..namespaces import shorten
from ..publishing.timeline import Timeline
from ..query.named import load_queries
from ..query.service import QueryService
from ..validation.shelf import Shelf
from . import docs, errors, headers, identity, packing, reading, static_files, upload, words
from .accounts import accounts
from .barometer import Figures, barometer
from .catalogue import catalogue
from .catalogue_shelf import CatalogueShelf
from .changes import changes
from .checking import Checking
from .context import context
from .contributions import contributions
from .contributions_api import contributions_api
from .desk import Desk
from .doors import doors
from .dumps import dumps
from .entities import entities
from .express import Express
from .feed import feed
from .forms import forms
from .frame import Frame
from .framework import framework
from .history import history
from .matrix import Activities, matrix
from .meter import ROUTE_KEY, SCOPE_KEY, Meter
from .metrics import metrics
from .negotiation import kept, language, opened
from .openapi import api
from .openid import Provider, openid, provider
from .pages import pages
from .parts import Parts
from .plain import PlainQueries
from .plain_documents import PlainDocuments
from .queries import queries
from .releases import releases
from .review_queue import review_queue
from .search import search
from .search_shelf import SearchShelf
from .sitemap import sitemap
from .sparql import sparql
from .spread import spread
from .start import start
from .terms import terms
from .tpf import tpf
from .validation import validation

_LARGEST_REQUEST = 1 << 20
_NAMES = {"da": "Dansk", "en": "English"}


def create_app(config: Config | None = None) -> Flask:
    """The application for ``config`` (default: from file and environment).

    Everything that lives as long as the process hangs on ``app.extensions``.
    """
    config = config or load_config()
    app = Flask(__name__, static_url_path=f"/static/{static_files.version()}")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # which it does by 308: not all clients follow it
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    addresses = paths.default(config.site)
    app.extensions["coi-config"] = config
    app.extensions["coi-addresses"] = addresses
    publication, service = reading.make(config, addresses)
    app.extensions["coi-publication"] = publication
    app.extensions["coi-timeline"] = Timeline(publication.releases)
    app.extensions["coi-queries"] = service
    app.extensions["coi-catalogue"] = CatalogueShelf(publication, config.site)
    app.extensions["coi-figures"] = Figures()
    app.extensions["coi-activities"] = Activities()
    app.extensions["coi-search"] = SearchShelf(publication.releases)
    internal = config.accel_redirect
    proxied = (f"{internal.rstrip('/')}/", config.home / "releases") if internal else None
    # A remote engine would be waited for.
    express = (
        None if config.engine else Express(publication, service, PlainDocuments(addresses), proxied)
    )
    app.extensions["coi-express"] = express
    app.extensions["coi-plain"] = express and PlainQueries(
        publication, service, express, config.trusted_proxies
    )
    app.extensions["coi-named-queries"] = load_queries(config.sources / "queries")
    Babel(app, locale_selector=language)
    app.extensions["coi-checks"] = Checking(config)
    app.extensions["coi-reports"] = Shelf(
        config.home / "reports",
        config.keep_reports,
        config.keep_reports_bytes,
        config.keep_reports_days,
    )
    app.extensions["coi-largest"] = dict.fromkeys(
        ("/validate", "/api/contributions", "/contributions/new"),
        upload.largest_request(config.check_bytes),
    )
    app.extensions["coi-meter"] = _meter(app) if config.metrics_token else None
    app.extensions["coi-desk"] = Desk(config)
    app.extensions["coi-openid"] = Provider(config) if config.openid_issuer else None
    identity.install(app, config.site)
    words.install(app)
    app.extensions["coi-frame"] = Frame()
    for blueprint in (
        *(start, doors, pages, entities, sparql, queries, terms, feed, catalogue, dumps),
        *(tpf, sitemap, context, validation, api, accounts, contributions, contributions_api),
        *(changes, releases, history, forms, framework, search, matrix, barometer, spread),
        *(openid, review_queue, metrics),
    ):
        app.register_blueprint(blueprint)
    docs.install(app, config.site)
    errors.install(app)
    packing.install(app)
    static_files.install(app)
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0
        )
    app.context_processor(_template_names)
    app.after_request(_on_every_answer)
    return app


def _meter(app: Flask) -> Meter:
    queries: QueryService = app.extensions["coi-queries"]
    checks: Checking = app.extensions["coi-checks"]
    return Meter((queries.pool.load, queries.outcomes), (checks.load, checks.outcomes))


def _template_names() -> dict[str, Any]:
    lang = language()
    try:
        manifest = opened().manifest
        release: dict[str, object] | None = {
            "number": manifest.release,
            "issued": manifest.issued,
        }
    except CoiError:
        release = None  # an error page, before or without a release
    vocabulary: words.Vocabulary = current_app.extensions["coi-vocabulary"]
    properties, things = vocabulary.in_the_readers_language()
    own = kept(manifest.release if release else None)
    parts = Parts(current_app, lang, own, properties, things)
    return {
        "lang": lang,
        "markup": parts,
        "gettext": parts.gettext,
        "_": parts.gettext,
        "static": parts.static,
        "hoisted": partial(current_app.extensions["coi-frame"].part, lang, own, release),
        "words": properties,
        "known": things,
        "kept": own,
        "other_languages": [
            (code, _NAMES[code], _in_language(code)) for code in LANGUAGES if code != lang
        ],
        "release": release,
        "t": lambda text: text.in_language(lang) if isinstance(text, Message) else text,
        "shorten": shorten,
        "page_path": request.path,
        "openid": provider(),
        "canonical": None,
    }


def _in_language(code: str) -> str:
    """This page's address in another language."""
    if request.endpoint is None or request.method not in ("GET", "HEAD"):
        return f"/?lang={code}"
    return f"{quote(request.path)}?{urlencode({**request.args.to_dict(), 'lang': code})}"


def _on_every_answer(response: Response) -> Response:
    response.headers.extend(headers.EVERY)
    if SCOPE_KEY in request.environ and request.url_rule is not None:
        request.environ[SCOPE_KEY][ROUTE_KEY] = request.url_rule.rule
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint == "sparql.endpoint":
        response.headers.extend(headers.SHARED)
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
            response.headers["Access-Control-Max-Age"] = "86400"
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language()
        if "opened" in g:  # whoever reads a page may search next
            current_app.extensions["coi-search"].index(g.opened)
    return packing.pack(response)
