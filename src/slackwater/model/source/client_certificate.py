"""Reads client certificates: certificate and private key as one PEM text, never in a file."""

import os
import re
import ssl

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_LINE = 64  # characters of base64 in a line


def blocks(text: str) -> str:
    """Return the PEM blocks of a text with the proper line ends that forms lose.

    ValueError when there is no certificate, or no private key.
    """
    found = _BLOCK.findall(text.replace("\\n", "\n"))
    kinds = [kind for kind, _ in found]
    if "CERTIFICATE" not in kinds or not any(kind.endswith("PRIVATE KEY") for kind in kinds):
        raise ValueError(
            "must hold a certificate and its private key in PEM: -----BEGIN CERTIFICATE----- and "
            "-----BEGIN PRIVATE KEY-----, one behind the other"
        )
    return "".join(_block(kind, "".join(body.split())) for kind, body in found)


def present(context: ssl.SSLContext, pem: str, password: str | None = None) -> None:
    """Make a context present a certificate.

    ValueError, which quotes nothing of it, when it cannot be used.
    """
    memory = os.memfd_create("certificate", os.MFD_CLOEXEC)  # the library reads files alone; this one is in memory
    try:
        with os.fdopen(os.dup(memory), "wb") as file:
            file.write(pem.encode("ascii", "replace"))
        # Without a password the library would ask for one at the terminal.
        context.load_cert_chain(f"/proc/self/fd/{memory}", password=lambda: password or "")
    except ssl.SSLError as error:
        mixed = error.reason == "KEY_VALUES_MISMATCH"
        why = (
            "its private key belongs to another certificate"
            if mixed
            else "client_certificate_password is wrong or missing, or it is damaged"
        )
        raise ValueError(f"cannot be used: {why}") from None
    finally:
        os.close(memory)


def _block(kind: str, body: str) -> str:
    lines = [body[start : start + _LINE] for start in range(0, len(body), _LINE)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])
