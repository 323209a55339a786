"""What a letter says, in its recipient's language. Of a contribution it tells title and address
only: what was written is for those who sign in."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from ..i18n import Message
from ..ledger import clock
from ..ledger.letters import Outgoing

_LONGEST_TITLE = 120

#: Event → (what has happened, what can be done).
_ABOUT: dict[str, tuple[Message, Message]] = {
    "accepted": (
        Message("Your contribution has been accepted: %(title)s"),
        Message("It will be public with the next release. You can follow it here:"),
    ),
    "returned": (
        Message("Your contribution has been returned: %(title)s"),
        Message("The reviewer has written what should be different. You can read it, mend the "
                "contribution and submit it again here:"),
    ),
    "set-aside": (
        Message("Your contribution could not be published: %(title)s"),
        Message("It had been accepted, but no longer fits what has become public since. You can "
                "read why, mend it and submit it again here:"),
    ),
}  # fmt: skip
KINDS = tuple(_ABOUT)


def message(letter: Outgoing, sender: str, site: str) -> EmailMessage:
    """``site`` ends with a slash. Raises `ValueError` for an address that is none."""
    language = letter.language
    happened, then = _ABOUT[letter.kind]
    subject = _subject(happened, letter.title, language)
    link = f"{site}contributions/{letter.contribution_id}?lang={language}"
    made = EmailMessage()
    made["Subject"] = subject
    made["From"] = sender
    made["To"] = Address(addr_spec=letter.to)
    made["Date"] = format_datetime(clock.moment(letter.created_at))
    # The same at each attempt: who gets it twice can tell.
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    made["Message-ID"] = f"<letter-{letter.id}.{_digits(letter.created_at)}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of a machine is wanted
    paragraphs = (
        f"{subject}.",
        then.in_language(language),
        link,
        Message("You get this message because you have sent contribution %(number)s to %(site)s.",
                number=letter.contribution_id, site=site).in_language(language),
    )  # fmt: skip
    made.set_content("\n\n".join(paragraphs) + "\n")  # which takes all Content-… headers away
    made["Content-Language"] = language
    return made


def _subject(happened: Message, title: str, language: str) -> str:
    one_line = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    if len(one_line) > _LONGEST_TITLE:
        one_line = one_line[: _LONGEST_TITLE - 1].rstrip() + "…"
    shown = one_line or Message("(without a title)").in_language(language)
    return Message(happened.msgid, title=shown).in_language(language)


def _digits(time: str) -> str:
    return "".join(filter(str.isdigit, time))
