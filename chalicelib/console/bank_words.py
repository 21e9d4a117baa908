"""What the page of the bank says, in both languages, and why a payment may belong to an order."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.domain import formats
from chalicelib.domain.money import Money

GERMAN: Mapping[str, str] = {
    "bank.title": "Bank",
    "bank.upload": "Kontoauszug einlesen",
    "bank.file": "Datei",
    "bank.hint": "CAMT (auch ZIP), MT940 oder CSV der Bank. Dieselbe Datei noch einmal schadet"
    " nicht: jeder Umsatz wird nur einmal gebucht.",
    "bank.send": "Einlesen und zuordnen",
    "bank.read": "{booked} neue Umsätze: {matched} zugeordnet, {suggested} mit Vorschlag,"
    " {unmatched} offen. {duplicates} waren schon bekannt.",
    "bank.goes_on": "Die Datei wird noch verarbeitet.",
    "bank.progress": "Fortschritt",
    "bank.errors": "{count} Einträge waren nicht lesbar:",
    "bank.unmatched": "Offen",
    "bank.suggested": "Vorschläge",
    "bank.booked": "Gebucht",
    "bank.ignored": "Ignoriert",
    "bank.payout": "Auszahlungen",
    "bank.outgoing": "Abgänge",
    "bank.empty": "Hier ist nichts.",
    "bank.accept": "Bestellung {number} zuordnen",
    "bank.score": "{score} von 100",
    "bank.forgiven": "{amount} werden erlassen",
    "bank.number": "Bestellnummer",
    "bank.assign": "Zuordnen",
    "bank.ignore": "Ignorieren",
    "bank.undo": "Zurücknehmen",
    "bank.on": "Auf Bestellung",
    "bank.open": "Bestellung {number} öffnen",
    "bank.more": "Weitere",
    "bank.first": "Zum Anfang",
    "bank.done.match": "Zugeordnet.",
    "bank.done.undo": "Zurückgenommen: Der Umsatz ist wieder offen.",
    "bank.done.ignore": "Wird nicht mehr gezeigt.",
    "bank.none": "Keine Bestellung hat die Nummer {number}.",
    "bank.several": "Mehrere Bestellungen haben die Nummer {number}.",
    "bank.taken": "Das geht nicht mehr: Der Umsatz ist inzwischen anders gebucht.",
    "bank_problem.unknown_account": "Der Auszug gehört zu keinem Ihrer Konten. Tragen Sie die IBAN"
    " in den Einstellungen ein.",
    "bank_problem.bad_statement": "Die Datei ist kein lesbarer Kontoauszug.",
    "bank_problem.wrong_currency": "Die Bestellung ist in einer anderen Währung.",
    "movement.authorized": "Zusage",
    "movement.received": "Zahlung",
    "movement.refunded": "Erstattung",
    "movement.refund_failed": "Gescheiterte Erstattung",
    "movement.charged_back": "Rückbuchung",
    "movement.chargeback_reversed": "Rückbuchung aufgehoben",
    "movement.authorization_voided": "Zusage erloschen",
    "movement.fee": "Gebühr",
    "match.unnamed": "Der Anbieter nennt keine Bestellung.",
    "match.unknown": "Eine Bestellung dieses Namens gibt es noch nicht.",
    "match.several": "Mehrere Bestellungen heißen so.",
    "match.currency": "Die Bestellung ist in einer anderen Währung.",
    "match.number": "Nummer {what}",
    "match.like": "Nummer ähnlich {what}",
    "match.reference": "Verwendungszweck {what}",
    "match.name": "Name {what}",
    "match.known": "von diesem Konto kam schon Geld",
    "match.exact": "Betrag auf den Cent",
    "match.discount": "Betrag abzüglich {what} Skonto",
    "match.short": "{what} zu wenig",
    "match.part": "Teilzahlung: {what} bleiben offen",
    "match.over": "{what} zu viel",
    "match.only": "keine andere offene Bestellung passt",
    "match.another": "nennt aber eine Nummer, auf die nichts wartet",
    "match.others": "andere offene Bestellungen passen auch",
    "match.names": "nennt {what}",
    "match.sum": "die Summe ist der Betrag",
    "match.by": "von Hand",
    "match.moved": "Die Bestellung hat sich inzwischen geändert.",
}

ENGLISH: Mapping[str, str] = {
    "bank.title": "Bank",
    "bank.upload": "Read a bank statement",
    "bank.file": "File",
    "bank.hint": "CAMT (also as ZIP), MT940 or the bank's CSV. The same file again does no harm:"
    " each entry is booked once.",
    "bank.send": "Read and match",
    "bank.read": "{booked} new entries: {matched} matched, {suggested} with a suggestion,"
    " {unmatched} open. {duplicates} were known already.",
    "bank.goes_on": "The file is still being worked on.",
    "bank.progress": "Progress",
    "bank.errors": "{count} entries could not be read:",
    "bank.unmatched": "Open",
    "bank.suggested": "Suggestions",
    "bank.booked": "Booked",
    "bank.ignored": "Ignored",
    "bank.payout": "Payouts",
    "bank.outgoing": "Outgoing",
    "bank.empty": "Nothing here.",
    "bank.accept": "Assign to order {number}",
    "bank.score": "{score} of 100",
    "bank.forgiven": "{amount} will be written off",
    "bank.number": "Order number",
    "bank.assign": "Assign",
    "bank.ignore": "Ignore",
    "bank.undo": "Take back",
    "bank.on": "On order",
    "bank.open": "Open order {number}",
    "bank.more": "More",
    "bank.first": "To the beginning",
    "bank.done.match": "Assigned.",
    "bank.done.undo": "Taken back: the entry is open again.",
    "bank.done.ignore": "It will not be shown any more.",
    "bank.none": "No order has the number {number}.",
    "bank.several": "Several orders have the number {number}.",
    "bank.taken": "This is not possible any more: the entry is booked otherwise by now.",
    "bank_problem.unknown_account": "The statement is of none of your accounts. Name the IBAN in"
    " the settings.",
    "bank_problem.bad_statement": "The file is no bank statement that can be read.",
    "bank_problem.wrong_currency": "The order is in another currency.",
    "movement.authorized": "Promise",
    "movement.received": "Payment",
    "movement.refunded": "Refund",
    "movement.refund_failed": "Failed refund",
    "movement.charged_back": "Chargeback",
    "movement.chargeback_reversed": "Chargeback reversed",
    "movement.authorization_voided": "Promise that ended",
    "movement.fee": "Fee",
    "match.unnamed": "The provider names no order.",
    "match.unknown": "There is no order of this name yet.",
    "match.several": "Several orders have this name.",
    "match.currency": "The order is in another currency.",
    "match.number": "number {what}",
    "match.like": "a number like {what}",
    "match.reference": "reference {what}",
    "match.name": "name {what}",
    "match.known": "paid from this account before",
    "match.exact": "amount to the cent",
    "match.discount": "amount less cash discount of {what}",
    "match.short": "{what} short",
    "match.part": "part: {what} stay open",
    "match.over": "{what} too much",
    "match.only": "no other open order fits",
    "match.another": "but it names a number that nothing waits for",
    "match.others": "but other open orders fit as well",
    "match.names": "names {what}",
    "match.sum": "sum is the amount",
    "match.by": "by hand",
    "match.moved": "The order has changed meanwhile.",
}

# How the matching words each of its reasons; a test compares them.
PATTERNS: Mapping[str, str] = {
    "another": r"but it names a number that nothing waits for",
    "others": r"but other open orders fit as well",
    "only": r"no other open order fits",
    "like": r"a number like (?P<what>.*)",
    "number": r"number (?P<what>.*)",
    "reference": r"reference (?P<what>.*)",
    "names": r"names (?P<what>.*)",
    "name": r"name (?P<what>.*)",
    "known": r"paid from this account before",
    "exact": r"amount to the cent",
    "discount": r"amount less cash discount of (?P<what>.*)",
    "short": r"(?P<what>.*) short",
    "part": r"part: (?P<what>.*) stay open",
    "over": r"(?P<what>.*) too much",
    "sum": r"sum is the amount",
    "by": r"by .*",
    "unnamed": r"The provider names no order\.",
    "unknown": r"There is no order of this name yet\.",
    "several": r"Several orders have this name\.",
    "currency": r"The order is in another currency\.",
    "moved": r"The order has changed meanwhile\.",
}
AMOUNT = re.compile(r"(-?[\d.]+) ([A-Z]{3})")


def told_reason(text: str, words: Mapping[str, str], language: str) -> str:
    """Say a reason of the matching in the reader's language."""
    for name, pattern in PATTERNS.items():
        if found := re.fullmatch(pattern, text):
            what = found.groupdict().get("what", "")
            if amount := AMOUNT.fullmatch(what):
                what = formats.money(Money.of(amount[1], amount[2]), language)
            return words[f"match.{name}"].format(what=what)
    return text
