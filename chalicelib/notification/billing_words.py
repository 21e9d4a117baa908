"""What the mails about a corrected invoice and a credit balance say, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.notification.dunning_words import Words

GERMAN: Mapping[str, Words] = {
    "invoice_corrected": Words(
        subject="Ihre neue Rechnung zur Bestellung {number}",
        preview="Die alte Rechnung heben wir auf.",
        title="Ihre Rechnung ist berichtigt",
        paragraphs=(
            (
                "wir haben die Rechnung zu Ihrer Bestellung {number} vom {date} berichtigt: Die "
                "alte gilt nicht mehr, es gilt die neue."
            ),
        ),
    ),
    "credit_balance": Words(
        subject="Ihr Guthaben von {amount} zur Bestellung {number}",
        preview="Sie haben zu viel bezahlt.",
        title="Sie haben ein Guthaben von {amount}",
        paragraphs=(
            (
                "zur Bestellung {number} vom {date} haben Sie {amount} zu viel bezahlt. Das Geld "
                "gehört Ihnen; wir zahlen es zurück."
            ),
        ),
    ),
}

ENGLISH: Mapping[str, Words] = {
    "invoice_corrected": Words(
        subject="Your new invoice for order {number}",
        preview="The old invoice is cancelled.",
        title="Your invoice has been corrected",
        paragraphs=(
            (
                "We have corrected the invoice for your order {number} of {date}: the old one is "
                "no longer valid, the new one is."
            ),
        ),
    ),
    "credit_balance": Words(
        subject="Your credit balance of {amount} for order {number}",
        preview="You have paid too much.",
        title="You have a credit balance of {amount}",
        paragraphs=(
            (
                "You have paid {amount} too much for order {number} of {date}. The money is yours; "
                "we will return it."
            ),
        ),
    ),
}
