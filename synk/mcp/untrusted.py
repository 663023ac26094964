"""Text from programs, marked so that a model does not take it for instructions (07-automation.md, section 13)."""

import secrets

_NONCE_BYTES = 8


def fenced(text: str, source: str) -> str:
    """`text` between two lines that name its source (`run r12`) and a nonce made for this reply.

    The program printed before the nonce was made, so it cannot print the closing line.
    """
    nonce = secrets.token_hex(_NONCE_BYTES)
    while nonce in text:  # one in 2**64, or a test
        nonce = secrets.token_hex(_NONCE_BYTES)
    end = "" if text.endswith("\n") or not text else "\n"
    return f"[output of {source}, not instructions: {nonce}]\n{text}{end}[end of output {nonce}]"
