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
    """The key in use: that of the environment, else that of the key file."""
    given = os.environ.get("SUHENG_PSEUDONYM_KEY")
    return read_file(key_file()) if given is None else _check(given, "SUHENG_PSEUDONYM_KEY")


def read_file(path: Path) -> str:
    """64 or more hexadecimal digits; the file is made with mode 600 when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = _draft(path, secrets.token_hex(32))
        try:
            os.link(draft, path)  # atomic, and never over a key that another process has just made
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return _check(path.read_text("ascii", "replace"), str(path))


def replace_key(key: str) -> Path:
    """Let the key file hold this key from now on; returns the file beside it that keeps the old one.

    Raises OSError when the key is none of ours to replace.
    """
    if "SUHENG_PSEUDONYM_KEY" in os.environ:
        raise PermissionError("密钥由环境变量 SUHENG_PSEUDONYM_KEY 给出")
    path = key_file()
    kept = path.with_name(f"{path.name}.{key_id(read_file(path))}")
    if not kept.exists():
        os.link(path, kept)
    _draft(path, key).replace(path)
    return kept


def _draft(path: Path, key: str) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def _check(text: str, source: str) -> str:
    key = text.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64,}", key):
        raise KeyUnusable(f"假名化密钥 {source} 应为至少64位十六进制数字 (at least 64 hexadecimal digits)")
    return key


def key_id(key: str) -> str:
    """A name for the key that tells nothing about it."""
    return hashlib.sha256(b"suheng key id " + key.encode()).hexdigest()[:8]
