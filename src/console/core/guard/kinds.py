"""The kinds of thing that the guard finds, and what they are called."""

from enum import StrEnum


class Kind(StrEnum):
    """A kind of thing that must not leave; the value is its name in the settings."""

    EMAIL = "email"
    CARD = "card"
    IBAN = "iban"
    SSN = "ssn"
    PHONE = "phone"
    IP = "ip"
    MAC = "mac"
    PRIVATE_KEY = "private_key"
    JWT = "jwt"
    TOKEN = "token"
    CREDENTIAL = "credential"

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return _WORDS[self]


_WORDS = {
    Kind.EMAIL: "an e-mail address",
    Kind.CARD: "a card number",
    Kind.IBAN: "an IBAN",
    Kind.SSN: "a US social security number",
    Kind.PHONE: "a phone number",
    Kind.IP: "an IP address",
    Kind.MAC: "a MAC address",
    Kind.PRIVATE_KEY: "a private key",
    Kind.JWT: "a signed token (JWT)",
    Kind.TOKEN: "a provider's token",
    Kind.CREDENTIAL: "a password or key",
}
