"""What each mail says, in German and English; a new mail is one row in each table.

Placeholders: number, shop, date, amount, paid, open, due_on, carrier, tracking, reference,
document, reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.notification import billing_words, dunning_words
from chalicelib.notification.dunning_words import Words

DE: Mapping[str, Words] = {
    "order_confirmation": Words(
        subject="Ihre Bestellung {number} bei {shop}",
        preview="Wir haben Ihre Bestellung erhalten. Hier ist alles auf einen Blick.",
        title="Vielen Dank für Ihre Bestellung",
        paragraphs=(
            (
                "wir haben Ihre Bestellung {number} vom {date} erhalten. Sobald Ihre Ware "
                "unterwegs ist, schreiben wir Ihnen wieder."
            ),
        ),
    ),
    "order_confirmation_paid": Words(
        subject="Ihre Bestellung {number} bei {shop}",
        preview="Bestellung und Zahlung sind bei uns angekommen.",
        title="Vielen Dank für Ihre Bestellung",
        paragraphs=(
            (
                "wir haben Ihre Bestellung {number} vom {date} und Ihre Zahlung über {paid} "
                "erhalten. Sobald Ihre Ware unterwegs ist, schreiben wir Ihnen wieder."
            ),
        ),
    ),
    "payment_received": Words(
        subject="Zahlung erhalten: Ihre Bestellung {number} bei {shop}",
        preview="Ihre Zahlung ist angekommen. Wir kümmern uns um alles Weitere.",
        title="Ihre Zahlung ist angekommen",
        paragraphs=(
            (
                "vielen Dank, Ihre Zahlung über {paid} für die Bestellung {number} ist bei uns "
                "eingegangen. Sie müssen nichts weiter tun."
            ),
        ),
    ),
    "shipping_confirmation": Words(
        subject="Ihre Bestellung {number} ist unterwegs",
        preview="Ihr Paket von {shop} ist auf dem Weg zu Ihnen.",
        title="Ihr Paket ist unterwegs",
        paragraphs=("wir haben Ihre Bestellung {number} an {carrier} übergeben.",),
    ),
    "order_cancelled": Words(
        subject="Ihre Bestellung {number} wurde storniert",
        preview="Ihre Bestellung bei {shop} wird nicht ausgeführt.",
        title="Ihre Bestellung wurde storniert",
        paragraphs=(
            "Ihre Bestellung {number} vom {date} wurde storniert und wird nicht geliefert.",
        ),
    ),
    "order_reinstated": Words(
        subject="Ihre Bestellung {number} wird doch geliefert",
        preview="Die Stornierung Ihrer Bestellung bei {shop} gilt nicht mehr.",
        title="Ihre Bestellung wird doch ausgeführt",
        paragraphs=(
            (
                "die Stornierung Ihrer Bestellung {number} vom {date} wurde zurückgenommen. Wir "
                "kümmern uns jetzt darum."
            ),
        ),
    ),
    "order_changed": Words(
        subject="Ihre Bestellung {number} wurde geändert",
        preview="So sieht Ihre Bestellung bei {shop} jetzt aus.",
        title="Ihre Bestellung wurde geändert",
        paragraphs=(
            (
                "Ihre Bestellung {number} vom {date} wurde geändert. So lautet sie jetzt; bitte "
                "prüfen Sie, ob alles stimmt."
            ),
        ),
    ),
    "return_authorized": Words(
        subject="Ihre Rücksendung zur Bestellung {number}",
        preview="So schicken Sie Ihre Ware an {shop} zurück.",
        title="Ihre Rücksendung ist angemeldet",
        paragraphs=(
            (
                "Sie können die unten genannten Artikel aus der Bestellung {number} an uns "
                "zurückschicken. Bitte legen Sie einen Zettel mit der Rücksendenummer {reference} "
                "in das Paket, dann finden wir Ihre Bestellung sofort."
            ),
            "Sobald die Ware bei uns angekommen und geprüft ist, erstatten wir Ihnen das Geld.",
        ),
    ),
    "return_authorized_unpaid": Words(
        subject="Ihre Rücksendung zur Bestellung {number}",
        preview="So schicken Sie Ihre Ware an {shop} zurück.",
        title="Ihre Rücksendung ist angemeldet",
        paragraphs=(
            (
                "Sie können die unten genannten Artikel aus der Bestellung {number} an uns "
                "zurückschicken. Bitte legen Sie einen Zettel mit der Rücksendenummer {reference} "
                "in das Paket, dann finden wir Ihre Bestellung sofort."
            ),
            (
                "Sobald die Ware bei uns angekommen und geprüft ist, ziehen wir ihren Preis von "
                "dem ab, was noch zu zahlen ist, und schreiben Ihnen den neuen Betrag."
            ),
        ),
    ),
    "return_credited": Words(
        subject="Ihre Rücksendung zur Bestellung {number} ist angekommen",
        preview="{shop} hat Ihre Rechnung um {amount} verringert.",
        title="Ihre Rücksendung ist angekommen",
        paragraphs=(
            (
                "Ihre Rücksendung {reference} aus der Bestellung {number} ist bei uns angekommen. "
                "Dafür sind {amount} weniger zu zahlen."
            ),
        ),
    ),
    "refund_confirmation": Words(
        subject="Erstattung zu Ihrer Bestellung {number}",
        preview="{shop} hat Ihnen {amount} erstattet.",
        title="Wir haben Ihnen {amount} erstattet",
        paragraphs=(
            (
                "zu Ihrer Bestellung {number} haben wir Ihnen {amount} erstattet. Je nach "
                "Zahlungsart und Bank sehen Sie den Betrag in wenigen Tagen auf Ihrem Konto."
            ),
        ),
    ),
}

EN: Mapping[str, Words] = {
    "order_confirmation": Words(
        subject="Your order {number} at {shop}",
        preview="We have received your order. Here is everything at a glance.",
        title="Thank you for your order",
        paragraphs=(
            (
                "We have received your order {number} of {date}. As soon as it is on its way we "
                "will write to you again."
            ),
        ),
    ),
    "order_confirmation_paid": Words(
        subject="Your order {number} at {shop}",
        preview="Your order and your payment have arrived.",
        title="Thank you for your order",
        paragraphs=(
            (
                "We have received your order {number} of {date} and your payment of {paid}. As "
                "soon as it is on its way we will write to you again."
            ),
        ),
    ),
    "payment_received": Words(
        subject="Payment received: your order {number} at {shop}",
        preview="Your payment has arrived. We take care of the rest.",
        title="Your payment has arrived",
        paragraphs=(
            (
                "Thank you. We have received your payment of {paid} for order {number}. There is "
                "nothing more you need to do."
            ),
        ),
    ),
    "shipping_confirmation": Words(
        subject="Your order {number} is on its way",
        preview="Your parcel from {shop} is on its way to you.",
        title="Your parcel is on its way",
        paragraphs=("We have handed your order {number} over to {carrier}.",),
    ),
    "order_cancelled": Words(
        subject="Your order {number} has been cancelled",
        preview="Your order at {shop} will not be carried out.",
        title="Your order has been cancelled",
        paragraphs=("Your order {number} of {date} has been cancelled and will not be delivered.",),
    ),
    "order_reinstated": Words(
        subject="Your order {number} will be delivered after all",
        preview="Your order at {shop} is no longer cancelled.",
        title="Your order will be carried out after all",
        paragraphs=(
            (
                "The cancellation of your order {number} of {date} has been taken back. We are "
                "working on it now."
            ),
        ),
    ),
    "order_changed": Words(
        subject="Your order {number} has been changed",
        preview="This is what your order at {shop} looks like now.",
        title="Your order has been changed",
        paragraphs=(
            (
                "Your order {number} of {date} has been changed. This is how it reads now; please "
                "check that all is well."
            ),
        ),
    ),
    "return_authorized": Words(
        subject="Your return for order {number}",
        preview="How to send your goods back to {shop}.",
        title="Your return is registered",
        paragraphs=(
            (
                "You can send the items below from order {number} back to us. Please put a note "
                "with the return number {reference} into the parcel, so that we find your order at"
                " once."
            ),
            "As soon as the goods have arrived and been checked we will refund your money.",
        ),
    ),
    "return_authorized_unpaid": Words(
        subject="Your return for order {number}",
        preview="How to send your goods back to {shop}.",
        title="Your return is registered",
        paragraphs=(
            (
                "You can send the items below from order {number} back to us. Please put a note "
                "with the return number {reference} into the parcel, so that we find your order at"
                " once."
            ),
            (
                "As soon as the goods have arrived and been checked we will take their price off "
                "what is still to be paid, and write to you what is left."
            ),
        ),
    ),
    "return_credited": Words(
        subject="Your return for order {number} has arrived",
        preview="{shop} has reduced your invoice by {amount}.",
        title="Your return has arrived",
        paragraphs=(
            (
                "Your return {reference} from order {number} has arrived. This reduces what you "
                "have to pay by {amount}."
            ),
        ),
    ),
    "refund_confirmation": Words(
        subject="Refund for your order {number}",
        preview="{shop} has refunded {amount} to you.",
        title="We have refunded {amount}",
        paragraphs=(
            (
                "We have refunded {amount} for your order {number}. Depending on how you paid and "
                "on your bank it may take a few days until you see it."
            ),
        ),
    ),
}

MAILS: Mapping[str, Mapping[str, Words]] = {
    "de": {**DE, **billing_words.GERMAN, **dunning_words.GERMAN},
    "en": {**EN, **billing_words.ENGLISH, **dunning_words.ENGLISH},
}
