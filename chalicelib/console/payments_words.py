"""What the morning page of payments says, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.console.bank_words import AMOUNT
from chalicelib.domain import formats
from chalicelib.domain.money import Money

GERMAN: Mapping[str, str] = {
    "payments.title": "Zahlungen",
    "payments.since": "seit {day}",
    "payments.span.1": "Seit gestern",
    "payments.span.7": "7 Tage",
    "payments.span.30": "30 Tage",
    "payments.paid_since": "Bezahlt",
    "payments.open": "Offen",
    "payments.overdue": "Überfällig",
    "payments.partly_paid": "Teilweise bezahlt",
    "payments.unmatched": "Nicht zugeordnet",
    "payments.disputes": "Streitfälle",
    "payments.empty.paid_since": "In dieser Zeit ist kein Geld gekommen und keines gegangen.",
    "payments.empty.open": "Niemand schuldet Ihnen etwas.",
    "payments.empty.overdue": "Nichts ist überfällig.",
    "payments.empty.partly_paid": "Niemand hat nur einen Teil bezahlt.",
    "payments.empty.unmatched": "Jede Zahlung hat ihre Bestellung.",
    "payments.empty.disputes": "Keine Bank und kein Kunde hat Geld zurückgeholt.",
    "payments.none": "nichts",
    "payments.more_than": "über {count}",
    "payments.chart": "Eingänge der letzten 14 Tage",
    "payments.chart_says": "Eingänge je Tag und Anbieter vom {first} bis {last}",
    "payments.no_chart": "In den letzten 14 Tagen kam kein Geld.",
    "payments.by_source": "Nach Anbieter",
    "payments.source": "Anbieter",
    "payments.received": "Eingang",
    "payments.vouchers": "Gutscheine",
    "payments.refunded": "Erstattet",
    "payments.charged_back": "Zurückgebucht",
    "payments.fees": "Gebühren",
    "payments.written_off": "Erlassen",
    "payments.net": "Bleibt",
    "payments.told": "Der Shop sagt, was insgesamt bezahlt ist; gezählt wird, was ein Anbieter oder"
    " die Bank zeigt.",
    "payments.why": "Warum",
    "payments.order": "Bestellung",
    "payments.amount": "Betrag",
    "payments.still": "Offen",
    "payments.state": "Stand",
    "payments.booked": "Wertstellung {day}",
    "payments.reference": "Beleg {reference}",
    "payments.score": "{score} von 100",
    "payments.kind.received": "Zahlung",
    "payments.kind.voucher": "Gutschein",
    "payments.kind.fee": "Gebühr",
    "payments.kind.charged_back": "Rückbuchung",
    "payments.kind.chargeback_reversed": "Rückbuchung zurückgenommen",
    "payments.kind.refunded": "Erstattung",
    "payments.kind.refund_failed": "Erstattung gescheitert",
    "payments.kind.written_off": "Erlass",
    "payments.kind.undone": "Buchung zurückgenommen",
    "payments.to_bank": "Zur Bank: zuordnen",
    "payments.more": "Nächste Seite",
    "payments.first": "Erste Seite",
    "payments.books": "Abstimmung der Bücher",
    "payments.reconcile": "Jetzt abstimmen",
    "payments.books_never": "Noch nie abgestimmt. Es geschieht jede Nacht von selbst.",
    "payments.books_running": "Läuft: {done} von {total} Bestellungen.",
    "payments.books_failed": "Die Abstimmung ist gescheitert:",
    "payments.books_good": "Alles stimmt überein: {count} offene Bestellungen, geprüft am {at}.",
    "payments.books_differ": "Geprüft am {at}. Das stimmt nicht überein:",
    "payments.books_sum": "Offene Posten {open} = Bestellungen {orders} und Bewegungen {moved}",
    "payments.books_more": "Es gibt weitere; die ältesten stehen oben.",
    "payments.healed": "berichtigt",
    "payments.open_difference": "zu klären",
    "payments.expected": "Soll: {expected}. Gefunden: {found}. Seit {since}.",
    "difference.owed": "offener Betrag in den Listen",
    "difference.payment": "Zahlung in den Listen und ihre Bestellung",
    "difference.total": "Summe in den Listen",
    "difference.disputed": "Rückbuchung in den Listen",
    "difference.bank": "Umsatz der Bank",
    "found.booked_here": "{what} hier gebucht",
    "found.on_order": "{what} auf der Bestellung",
    "found.nothing": "nichts",
    "found.nobody": "niemand",
    "found.order": "Bestellung {what}",
    "found.state": "{state}, {what}",
}

ENGLISH: Mapping[str, str] = {
    "payments.title": "Payments",
    "payments.since": "since {day}",
    "payments.span.1": "Since yesterday",
    "payments.span.7": "7 days",
    "payments.span.30": "30 days",
    "payments.paid_since": "Paid",
    "payments.open": "Open",
    "payments.overdue": "Overdue",
    "payments.partly_paid": "Partly paid",
    "payments.unmatched": "Not matched",
    "payments.disputes": "Disputes",
    "payments.empty.paid_since": "No money came or went in this time.",
    "payments.empty.open": "Nobody owes you anything.",
    "payments.empty.overdue": "Nothing is overdue.",
    "payments.empty.partly_paid": "Nobody has paid only a part.",
    "payments.empty.unmatched": "Every payment has its order.",
    "payments.empty.disputes": "No bank and no customer has taken money back.",
    "payments.none": "nothing",
    "payments.more_than": "over {count}",
    "payments.chart": "What came in over the last 14 days",
    "payments.chart_says": "What came in by day and provider from {first} to {last}",
    "payments.no_chart": "No money came in the last 14 days.",
    "payments.by_source": "By provider",
    "payments.source": "Provider",
    "payments.received": "Received",
    "payments.vouchers": "Vouchers",
    "payments.refunded": "Refunded",
    "payments.charged_back": "Charged back",
    "payments.fees": "Fees",
    "payments.written_off": "Written off",
    "payments.net": "Net",
    "payments.told": "The shop says what is paid in all; what counts is what a provider or the bank"
    " shows.",
    "payments.why": "Why",
    "payments.order": "Order",
    "payments.amount": "Amount",
    "payments.still": "Open",
    "payments.state": "State",
    "payments.booked": "value date {day}",
    "payments.reference": "reference {reference}",
    "payments.score": "{score} of 100",
    "payments.kind.received": "payment",
    "payments.kind.voucher": "voucher",
    "payments.kind.fee": "fee",
    "payments.kind.charged_back": "chargeback",
    "payments.kind.chargeback_reversed": "chargeback reversed",
    "payments.kind.refunded": "refund",
    "payments.kind.refund_failed": "refund failed",
    "payments.kind.written_off": "write-off",
    "payments.kind.undone": "booking taken back",
    "payments.to_bank": "To the bank: match them",
    "payments.more": "Next page",
    "payments.first": "First page",
    "payments.books": "Reconciliation of the books",
    "payments.reconcile": "Reconcile now",
    "payments.books_never": "Never reconciled yet. It happens every night by itself.",
    "payments.books_running": "Running: {done} of {total} orders.",
    "payments.books_failed": "The reconciliation has failed:",
    "payments.books_good": "Everything agrees: {count} open orders, checked on {at}.",
    "payments.books_differ": "Checked on {at}. This does not agree:",
    "payments.books_sum": "Open items {open} = orders {orders} and movements {moved}",
    "payments.books_more": "There are more; the oldest come first.",
    "payments.healed": "mended",
    "payments.open_difference": "to be solved",
    "payments.expected": "Expected: {expected}. Found: {found}. Since {since}.",
    "difference.owed": "open amount in the lists",
    "difference.payment": "payment in the lists and its order",
    "difference.total": "total in the lists",
    "difference.disputed": "chargeback in the lists",
    "difference.bank": "entry of the bank",
    "found.booked_here": "{what} booked here",
    "found.on_order": "{what} on the order",
    "found.nothing": "nothing",
    "found.nobody": "nobody",
    "found.order": "order {what}",
    "found.state": "{state}, {what}",
}

# How the reconciliation words what it expected and found; a test compares them.
PATTERNS: Mapping[str, str] = {
    "booked_here": r"(?P<what>.*) booked here",
    "on_order": r"(?P<what>.*) on the order",
    "nothing": r"nothing",
    "nobody": r"nobody's",
    "order": r"order (?P<what>\S+)",
    "state": r"(?P<state>[a-z]+), (?P<what>.*)",
}


def told_found(text: str, words: Mapping[str, str], language: str) -> str:
    """Say what was expected or found in the reader's language."""
    if known := words.get(f"state.payment.{text}"):
        return known
    if amount := AMOUNT.fullmatch(text):
        return formats.money(Money.of(amount[1], amount[2]), language)
    for name, pattern in PATTERNS.items():
        if found := re.fullmatch(pattern, text):
            parts = {
                part: words.get(f"bank.{value}") or told_found(value, words, language)
                for part, value in found.groupdict().items()
            }
            return words[f"found.{name}"].format(**parts)
    return text
