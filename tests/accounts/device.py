"""A device with keys (WebAuthn), as a browser would ask it: made of the same parts real ones are, and able to cheat."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG
ORIGIN = "http://localhost"


@dataclass
class Device:
    """One device with one key; what it says of itself can be set before each answer."""

    origin: str = ORIGIN
    unlocked: bool = True
    synced: bool = False
    counts: bool = True
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question to register."""
        self.user_handle = options["user"]["id"]
        credential = AttestedCredentialData.create(
            Aaguid(bytes(16)), self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        shown = AuthenticatorData.create(
            self._hash(options["rp"]["id"]), self._flags() | FLAG.AT, self._next(), credential
        )
        response = {
            "clientDataJSON": websafe_encode(self._client(CollectedClientData.TYPE.CREATE, options)),
            "attestationObject": websafe_encode(AttestationObject.create("none", shown, {})),
            "transports": ["internal", "hybrid", "nonsense"],
        }
        return self._answer(response)

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question to sign."""
        client = self._client(CollectedClientData.TYPE.GET, options)
        shown = AuthenticatorData.create(self._hash(options["rpId"]), self._flags(), self._next())
        signature = self.key.sign(shown + client.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(shown),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._answer(response)

    def _client(self, kind: CollectedClientData.TYPE, options: dict[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(options["challenge"]), self.origin)

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}

    def _flags(self) -> AuthenticatorData.FLAG:
        flags = FLAG.UP
        if self.unlocked:
            flags |= FLAG.UV
        return flags | FLAG.BE | FLAG.BS if self.synced else flags

    def _next(self) -> int:
        self.count += 1 if self.counts else 0
        return self.count

    @staticmethod
    def _hash(domain: str) -> bytes:
        return hashlib.sha256(domain.encode()).digest()
