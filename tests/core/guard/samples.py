"""Things that must not leave, in the forms that people and machines write them in."""

from console.core.guard.kinds import Kind

DIGITS = "0123456789"
WIDE = str.maketrans(DIGITS, "０１２３４５６７８９")
ARABIC = str.maketrans(DIGITS, "٠١٢٣٤٥٦٧٨٩")


def cards():
    for number in ("4111 1111 1111 1111", "5555 5555 5555 4444", "6011 0009 9013 9424",
                   "3782 822463 10005", "3056 930902 5904", "3530 1113 3330 0000"):  # fmt: skip
        for joint in (" ", "-", "", ".", "\u00a0", "–", "\u2011", "  ", "\n", "/"):
            yield number.replace(" ", joint)
        yield number.translate(WIDE)
        yield number.replace(" ", "").translate(ARABIC)
        yield number.replace(" ", "\u200b")
        yield number.replace(" ", "-\u2060")
    yield "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
    yield "4111 1111-1111 1111"


def ibans():
    for number in ("DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19",
                   "FR14 2004 1010 0505 0001 3M02 606", "NL91 ABNA 0417 1643 00",
                   "NO93 8601 1117 947", "MT84 MALT 0110 0001 2345 MTLC AST0 01S"):  # fmt: skip
        for joint in (" ", "", "-", "\u00a0", "\n", "\u2009"):
            yield number.replace(" ", joint)
        yield number.lower()
        yield number.replace(" ", "").translate(WIDE)


SAMPLES = {
    Kind.CARD: tuple(cards()),
    Kind.IBAN: tuple(ibans()),
    Kind.SSN: (
        "460-89-9847", "460–89–9847", "460\u201189\u20119847", "ssn: 460899847",
        "SSN 460 89 9847", "social security number 460.89.9847", "４６０-８９-９８４７",
        "460\u00ad-89-9847", "ITIN 912-71-1234",
    ),
    Kind.EMAIL: (
        "a@b.co", "jane.doe+x@mail.example.com", "jane＠example.com", "jane (at) example (dot) com",
        "jane[at]example.com", "jane at example dot com", "<jane@exämple.de>",
        "jane@exam\u200bple.com", "user@пример.рф", "o'neil@example.ie", "mailto:x@example.org?a=1",
    ),
    Kind.IP: (
        "106.31.73.20", "106.31.73.20:8080", "http://106.31.73.20/x", "192[.]168[.]1[.]77",
        "10.0.0.12/24", "6e40:4041:c617:e898:c11:40d2:c669:2eb4", "[2001:db8:1::42]:80",
        "fe80::1%eth0", "::ffff:192.168.3.44", "１０６.３１.７３.２０", "106。31。73。20",
    ),
    Kind.MAC: ("00:1A:2b:3C:4d:5E", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"),
    Kind.PHONE: (
        "+1 (415) 555-2671", "+49 30 901820", "+442083661177", "(415) 555-2671", "415-555-2671",
        "415.555.2671", "0049 30 901820", "020 7946 0958", "06 12 34 56 78", "phone: 5551234567",
        "call me at 555 1234", "+49\u00a030\u00a0901820", "1-800-555-2671", "tel:+4930901820",
        "Telefon 0171/1234567", "(+49) 30 901820", "＋４９ ３０ ９０１８２０", "fax 71-33-52-22",
    ),
    Kind.PRIVATE_KEY: (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----", "PuTTY-User-Key-File-3: ssh-ed25519",
    ),
    Kind.CREDENTIAL: (
        "postgres://admin:s3cr3tPw@db.internal:5432/x", 'password = "correcthorse7"',
        "my password is Tr0ub4dor&3", "DB_PASSWORD=hunter2!x", "redis://:p4ssw0rdX@cache:6379",
        "api_key: '9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c'", "Mein Kennwort ist Sommer2026!",
        "Authorization: Bearer 7Fq9ZxT2kLmN8vB4cR1sWyD6", "curl -u admin:Passw0rd99 http://x",
        '{"client_secret": "a8Gd93jKs0Lq2Zx8vB4cR1sW"}', "?access_token=8d7f6a5b4c3e2d1f0a9b8c7d",
        "heroku_api_key = '12345678-ABCD-abcd-1234-1234567890AB'",
    ),
}  # fmt: skip

HARMLESS = (
    "as a text: 1,200 J is 0.000333 kWh, call it 0.0003330 in all",
    "the code 6666666666666",
    "key = 'value'", "token = tokenizer.next()", "password = os.environ['PW']",
    "password: <your password>", "https://user:password@host/", "a secret: nobody knows",
    "What is 123456789 plus 987654321?", "version 10.4.12.3", "1.2.3.4", "127.0.0.1:8080 0.0.0.0",
    "The range 2010-2015 and 1999-12-31", "std::vector<int> a::b", "x[1::2]", "time 12:30:45",
    "3.14159265358979", "phi = 1.6180339887498948482", "5 + 441234567", "ratio 1:8:28:70:56:28:8:1",
    "ISBN 978-3-16-148410-0", "p = 0.0001, n=4500", "AKIAIOSFODNN7EXAMPLE", "room 101-22-3",
    "@app.route('/x')", "pkg@1.2.3", "icon@2x.png", "git@github.com:a/b.git", "$1,234,567.89",
    "The password must have at least 8 characters", "uuid 123e4567-e89b-12d3-a456-426614174000",
    "1700000000000 ms", "answer: 12345678", "a = [1234567, 2345678]", "order no 1234-5678-9012",
    "f(x) = 2x + 30000000", "10 000 000 people", "1 2 3 4 5 6 7 8 9 10 11 12", "0100 1101 001",
    "cookies: chocolate-chip-cookies-2go", "10.1016/j.cell.2020.01.021", "00:00:00:00:00:00",
    "sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "key: str = 'abc'",
    "G. 1:8:28:70", "DE 20 people went to the 14 places and 12 more of them", "4111 1111 1111 1112",
)  # fmt: skip
