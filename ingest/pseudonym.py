"""The pseudonym key: from the environment or a key file outside the repository, made on first use."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

ALGORITHM = "HMAC-SHA-256/128"


class KeyUnusable(ValueError):
    """The key is missing or malformed; the message says what to do and never shows the key."""


def key_file() -> Path:
    default = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "suheng" / "pseudonym.key"
    return Path(os.environ.get("SUHENG_PSEUDONYM_KEY_FILE") or default).expanduser()


def read_key() -> str:
    """64 or more hexadecimal digits; the file is made with mode 600 when there is none."""
    given = os.environ.get("SUHENG_PSEUDONYM_KEY")
    path = key_file()
    if given is None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32) + "\n", "ascii")
        try:
            os.link(draft, path)  # atomic, and never over a key that another process has just made
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = (path.read_text("ascii", "replace") if given is None else given).strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64,}", key):
        source = "SUHENG_PSEUDONYM_KEY" if given is not None else str(path)
        raise KeyUnusable(f"假名化密钥 {source} 应为至少64位十六进制数字 (at least 64 hexadecimal digits)")
    return key


def key_id(key: str) -> str:
    """A name for the key that tells nothing about it."""
    return hashlib.sha256(b"suheng key id " + key.encode()).hexdigest()[:8]
