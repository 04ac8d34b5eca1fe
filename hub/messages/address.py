"""Where a broker is, as people write it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is. `str()` gives the URL without user and password, for people and logs."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"BrokerAddress({self})"

    @classmethod
    def parse(cls, url: str) -> BrokerAddress:
        """The address in `mqtt://[user[:password]@]host[:port]`, or mqtts:// for TLS.

        ValueError says how to write it.
        """
        problem = ValueError("a broker is written like this: mqtt://127.0.0.1:1883 or mqtt://user:password@host")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise problem from None
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise problem
        tls = parts.scheme == "mqtts"
        user = None if parts.username is None else unquote(parts.username)
        password = None if parts.password is None else unquote(parts.password)
        return cls(parts.hostname, port or (8883 if tls else 1883), user, password, tls)
