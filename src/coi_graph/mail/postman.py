"""Takes letters out of the ledger and sends them, in a thread of the publisher's process.

No request waits for it, and no publication: a mail server that is slow or away delays letters only.
"""

from __future__ import annotations

import logging
import threading

from ..config import Config
from ..errors import CoiError
from ..ledger.letters import Letters
from . import smtp, text

_PAUSE = 1.0  # seconds between two looks at the ledger
_LONGEST_PAUSE = 60.0  # after failures of the ledger
_log = logging.getLogger(__name__)


class Postman:
    """Raises `BadSetting` for settings that are none."""

    def __init__(self, config: Config) -> None:
        from ..ledger.database import Ledger  # with SQLAlchemy, which takes long

        self._config = config
        self._mail = smtp.Mail(config)
        self._ledger = Ledger.open(config)
        self._letters = Letters(self._ledger)

    def run(self, ended: threading.Event) -> None:
        """Until ``ended``."""
        pause = _PAUSE
        while not ended.wait(pause):
            try:
                self.deliver()
                pause = _PAUSE
            except CoiError as error:  # the ledger is away: its letters are safe there
                _log.warning("letters wait: %s", error)
                pause = min(_LONGEST_PAUSE, pause * 2)
            except Exception:  # one letter that we did not think of must not end all others
                _log.exception("letters wait")
                pause = _LONGEST_PAUSE
        self._ledger.close()

    def deliver(self) -> int:
        """Sends what is due; the number of letters that the server has taken."""
        if not self._letters.is_any_due():
            return 0
        waiting = self._letters.take()
        done = 0
        try:
            with self._mail.connected() as server:
                while waiting:
                    letter = waiting[0]
                    try:
                        message = text.message(letter, self._config.smtp_sender, self._config.site)
                        smtp.hand_over(server, message)
                    except (smtp.Impossible, ValueError) as error:
                        # Neither address nor text: a log is read by more people than a ledger.
                        _log.warning("letter %s cannot be sent: %s", letter.id, error)
                        self._letters.give_up(letter.id)
                        waiting.pop(0)
                        server.rset()
                    else:
                        self._letters.sent(letter.id)
                        waiting.pop(0)
                        done += 1
        except OSError as error:
            _log.warning("the mail server does not take letters now: %s", type(error).__name__)
        for letter in waiting:
            self._letters.put_off(letter.id)
        return done
