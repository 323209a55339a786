"""The settings about people: how they are written to, and where else they sign in."""

from __future__ import annotations

from dataclasses import dataclass

from .setting_values import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings:
    """Part of `config.Config`: whom readers can reach, SMTP, OpenID Connect."""

    contact_email: str = setting(
        "",
        "e-mail address in the accessibility statement, for what somebody cannot read or use",
        "e-mailadresse i tilgængelighedserklæringen, til det, nogen ikke kan læse eller bruge",
    )
    contact_phone: str = setting(
        "", "the telephone number beside it", "telefonnummeret ved siden af"
    )
    smtp_host: str = setting(
        "",
        "mail server that takes letters about the outcome of reviews; empty: none are sent",
        "mailserver, der tager imod breve om udfaldet af godkendelser; tom: der sendes ingen",
    )
    smtp_port: int = setting(
        587, "that server's port", "den servers port", at_least=1, at_most=65535
    )
    smtp_tls: str = setting(
        "starttls",
        "how that connection is protected: “starttls”, “tls” (port 465), or “none”",
        "hvordan forbindelsen beskyttes: »starttls«, »tls« (port 465) eller »none« (slet ikke)",
    )
    smtp_user: str = setting(
        "", "user of that server; empty: it asks for none", "bruger; tom: serveren kræver ingen"
    )
    smtp_password: str = setting(
        "", "that user's password for the mail server", "den brugers adgangskode", secret=True
    )
    smtp_sender: str = setting(
        "", "e-mail address that letters come from", "e-mailadresse, som breve kommer fra"
    )
    openid_issuer: str = setting(
        "",
        "address of an OpenID provider with which people sign in; empty: passwords only",
        "adresse på en OpenID-udbyder, som man logger ind med; tom: kun adgangskoder",
    )
    openid_client: str = setting(
        "", "the client id that provider has given us", "det klient-id, udbyderen har givet os"
    )
    openid_secret: str = setting(
        "", "the client secret that belongs to it", "den hemmelighed, der hører til", secret=True
    )
    openid_name: str = setting(
        "OpenID",
        "what the button to sign in with that provider calls it",
        "hvad knappen til at logge ind med udbyderen kalder den",
    )
