"""A person's browser without scripts: cookies, pages, and their forms with the token in them."""

from __future__ import annotations

import re

import requests

from contributing_site import PASSWORD


class Person:
    """Has cookies of their own; every page is asked for in English."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Accept"] = "text/html"

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=60)

    def send(self, page: requests.Response, path: str, **fields: str | list[str]
             ) -> requests.Response:  # fmt: skip
        """A form of ``page`` that goes to ``path`` (or the page's only form), with its token."""
        form = re.search(rf'<form[^>]*action="{path}[?"].*?</form>', page.text, re.DOTALL)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form[0] if form else page.text)
        assert token is not None, page.text
        return self.session.post(
            f"{self.url}{path}?lang=en", data={"csrf_token": token[1], **fields}, timeout=60
        )

    def sign_in(self, name: str, password: str = PASSWORD) -> requests.Response:
        page = self.get("/sign-in?lang=en")
        return self.send(page, "/sign-in", name=name, password=password)


def signed_in(url: str, name: str) -> Person:
    person = Person(url)
    assert person.sign_in(name).ok
    return person
