"""Secrets at rest.

Each secret of a source configuration is kept as a Fernet token (AES-128-CBC and HMAC-SHA256).

The key is what `SLACKWATER_SECRET_KEY` gives, else the file `secret.key` in the data directory, made at first start.
The store holds a proof of its key, so that a wrong one is noticed before anything is read or written with it.
"""

import hashlib
import json
import os
import secrets
import stat
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from slackwater.errors import KeyChanged, Unavailable
from slackwater.model.source.secrets import SEALED, with_secrets
from slackwater.store.engine.driver import driver_of
from slackwater.store.engine.fsync import settle, settle_names
from slackwater.store.schema import alert_channels, refresh_tokens, wrappers
from slackwater.store.schema import vault as vault_table

KEY_FILE = "secret.key"
NEXT_FILE = "secret.key.next"  # the new key while a rotation is under way
MARK = 16  # characters that tell stores apart; chosen: 64 bits
_PROOF = b"slackwater"


class Vault:
    """Seals and opens secrets with one key. `repr` shows nothing of it."""

    def __init__(self, key_text: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=b"slackwater source secrets").derive(key_text.strip().encode())
        self._fernet = Fernet(urlsafe_b64encode(derived))

    def seal(self, config: dict[str, Any]) -> dict[str, Any]:
        """Return a source configuration as the store keeps it."""
        return with_secrets(config, self._sealed)

    def open(self, config: dict[str, Any]) -> dict[str, Any]:
        """Return a source configuration with its secrets in clear.

        Unavailable when they were made with another key.
        """
        return with_secrets(config, self._opened)

    def seal_text(self, text: str) -> str:
        """Return a text as the store keeps it."""
        return self._fernet.encrypt(text.encode()).decode()

    def open_text(self, sealed: str) -> str:
        """Return a sealed text in clear; Unavailable when it was made with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Unavailable("A secret in the store cannot be decrypted: it was changed from outside.") from None

    def proof(self) -> str:
        """Return what shows later that a key is this one."""
        return self._fernet.encrypt(_PROOF).decode()

    def proves(self, proof: str) -> bool:
        """Say whether a proof was made with this key."""
        try:
            return self._fernet.decrypt(proof) == _PROOF
        except InvalidToken:
            return False

    def _sealed(self, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        return {SEALED: self._fernet.encrypt(json.dumps(value).encode()).decode()}

    def _opened(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        try:
            return json.loads(self._fernet.decrypt(value[SEALED]))
        except (InvalidToken, KeyError):
            raise Unavailable("A secret in the store cannot be decrypted: it was changed from outside.") from None


def vault_of(c: sa.Connection) -> Vault:
    """Return the vault that the store of a connection was opened with."""
    vault: Vault | None = c.get_execution_options().get("slackwater_vault")
    if vault is None:
        raise Unavailable("The store was opened without the key of its secrets.")
    return vault


def unlock(engine: sa.Engine, data_dir: Path, key_text: str | None) -> Vault:
    """Return the vault of a store.

    A store that has none yet gets one, and its clear secrets are sealed.

    Unavailable says which key is missing or wrong, and what to do.
    """
    with engine.connect() as c:
        proof = c.execute(sa.select(vault_table.c.proof)).scalar_one_or_none()
    if proof is None:
        proof = _begin(engine, data_dir, key_text)
    if key_text is not None:
        return _proven(Vault(key_text), proof, "SLACKWATER_SECRET_KEY is not the key")
    # After a rotation that was cut off either file may hold the key: the store says which.
    for name in (KEY_FILE, NEXT_FILE):
        text = _read(data_dir / name)
        if text is not None and (vault := Vault(text)).proves(proof):
            _keep(data_dir, name)
            return vault
    file = data_dir / KEY_FILE
    if file.exists():
        raise Unavailable(_sentence(f"{file} is not the key"))
    raise Unavailable(_sentence(f"SLACKWATER_SECRET_KEY is not set and {file} is missing: one of them is the key"))


def check_key(c: sa.Connection) -> None:
    """Refuse, as KeyChanged, a store whose key was changed since it was opened.

    Nobody changes it before the transaction ends.
    """
    vault_to_seal(c)


def vault_to_seal(c: sa.Connection) -> Vault:
    """Return the vault of a connection, for what is sealed in this transaction.

    KeyChanged when the store has another key by now: nobody could open what is sealed.
    """
    vault = vault_of(c)
    driver_of(c).keep_key(c)
    if not vault.proves(str(c.execute(sa.select(vault_table.c.proof)).scalar_one())):
        raise KeyChanged(_sentence("The key is no longer the one"))
    return vault


def mark_of(c: sa.Connection) -> str:
    """Return what tells this store from others, until its key is changed."""
    proof = str(c.execute(sa.select(vault_table.c.proof)).scalar_one())
    return hashlib.sha256(proof.encode()).hexdigest()[:MARK]


def rotate(
    engine: sa.Engine,
    data_dir: Path,
    key_text: str | None,
    next_text: str | None,
    refuse: Callable[[sa.Connection], None] = lambda _: None,
) -> int:
    """Seal every secret with a new key, in one transaction.

    Return how many wrappers have some.

    The new key is `next_text`, which is then to be given as SLACKWATER_SECRET_KEY; without it a new random one goes
    into the key file. Cut off at whatever moment, the store opens with the old key or with the new one, whole.
    `refuse` raises when somebody works with the store, and would go on with the old key.
    """
    old = unlock(engine, data_dir, key_text)
    if next_text is None and key_text is not None:
        raise Unavailable(
            "The key comes from SLACKWATER_SECRET_KEY: set SLACKWATER_NEXT_SECRET_KEY to the new one and call again."
        )
    text = next_text if next_text is not None else _new_key()
    new = Vault(text)
    if next_text is None:
        _write(data_dir / NEXT_FILE, text)
    with _sealing(engine) as c:
        refuse(c)
        changed = _reseal(c, old, new)
        c.execute(vault_table.update().values(proof=new.proof()))
    _forget_clear(engine)
    if next_text is None:
        _keep(data_dir, NEXT_FILE)
    else:
        for name in (KEY_FILE, NEXT_FILE):
            (data_dir / name).unlink(missing_ok=True)
    return changed


def _begin(engine: sa.Engine, data_dir: Path, key_text: str | None) -> str:
    """Give a store its proof.

    Secrets of a time before it had one are sealed in the same transaction.
    """
    with _sealing(engine) as c:
        if proof := c.execute(sa.select(vault_table.c.proof)).scalar_one_or_none():
            return str(proof)  # another process was faster
        text = key_text or _read(data_dir / KEY_FILE)
        if text is None:
            text = _new_key()
            _write(data_dir / KEY_FILE, text)
        vault = Vault(text)
        sealed = _reseal(c, vault, vault)
        proof = vault.proof()
        c.execute(vault_table.insert().values(vault_id=1, proof=proof))
    if sealed:
        _forget_clear(engine)
    return proof


def _reseal(c: sa.Connection, old: Vault, new: Vault) -> int:
    changed = 0
    for row in c.execute(sa.select(wrappers.c.wrapper_id, wrappers.c.source_config)).all():
        kept = json.loads(row.source_config)
        sealed = new.seal(old.open(kept))
        if sealed != kept:
            here = wrappers.c.wrapper_id == row.wrapper_id
            c.execute(wrappers.update().where(here).values(source_config=json.dumps(sealed)))
            changed += 1
    for row in c.execute(sa.select(refresh_tokens)).all():
        opened = old.open({"refresh_token": json.loads(row.token)})
        token = json.dumps(new.seal(opened)["refresh_token"])
        here = refresh_tokens.c.grant_key == row.grant_key
        c.execute(refresh_tokens.update().where(here).values(token=token))
    for row in c.execute(sa.select(alert_channels)).all():
        clear = {name: old.open_text(each) for name, each in (("url", row.url), ("secret", row.secret)) if each}
        values = {name: new.seal_text(each) for name, each in clear.items()}
        c.execute(alert_channels.update().where(alert_channels.c.channel_id == row.channel_id).values(**values))
    return changed


@contextmanager
def _sealing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction after which no page of the file holds what it has overwritten."""
    with engine.connect() as c:
        c.execution_options(slackwater_write=True)
        driver = driver_of(c)
        driver.erase_overwritten(c, True)
        try:
            with c.begin():
                driver.one_keeper(c)
                yield c
        finally:
            driver.erase_overwritten(c, False)


def _forget_clear(engine: sa.Engine) -> None:
    """Empty the log of the database, which still holds what was there before."""
    with engine.connect() as c:
        driver_of(c).empty_log(c)


def _proven(vault: Vault, proof: str, what: str) -> Vault:
    if not vault.proves(proof):
        raise Unavailable(_sentence(what))
    return vault


def _sentence(what: str) -> str:
    return (
        f"{what} that the secrets in the store were encrypted with. Give that key back; to change it, use "
        "`slackwater keys rotate-secret`."
    )


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _read(path: Path) -> str | None:
    try:
        with path.open() as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise Unavailable(f"Other users can read the key file {path}; run: chmod 600 {path}")
            return file.read().strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"The key file {path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _write(path: Path, text: str) -> None:
    """Write a key file whole.

    On the disk, and its name too, before the store depends on it.
    """
    try:
        with suppress(FileNotFoundError):
            path.unlink()
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
        settle(path)
    except OSError as error:
        raise Unavailable(f"The key file {path} cannot be written: {error.strerror}.") from None


def _keep(data_dir: Path, name: str) -> None:
    """Let the key file that fits be the only one."""
    if name == NEXT_FILE:
        os.replace(data_dir / NEXT_FILE, data_dir / KEY_FILE)
        settle_names(data_dir)
    else:
        with suppress(OSError):
            (data_dir / NEXT_FILE).unlink()
