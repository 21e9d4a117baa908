"""What the page of settings asks for: one line for each field, in the words of both languages.

`name` is the field of the settings, `policy.…` one of the rules that are frozen into each order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "rate", "flag", "choice", "country", "colour", "logo", "long"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values that a field may have."""

    value: str
    german: str
    english: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field: how it is typed, what it is called, and what it does."""

    name: str
    german: str
    english: str
    german_help: str = ""
    english_help: str = ""
    kind: Kind = "text"
    choices: tuple[Choice, ...] = ()
    size: int = 200

    @property
    def key(self) -> str:
        """Its name as part of a page."""
        return self.name.replace(".", "-").replace("_", "-")


def _text(
    name: str, german: str, english: str, german_help: str = "", english_help: str = ""
) -> Setting:
    return Setting(
        name=name, german=german, english=english,
        german_help=german_help, english_help=english_help,
    )  # fmt: skip


def _number(
    name: str, german: str, english: str, german_help: str = "", english_help: str = ""
) -> Setting:
    return Setting(
        name=name, german=german, english=english,
        german_help=german_help, english_help=english_help, kind="number", size=6,
    )  # fmt: skip


def _flag(
    name: str, german: str, english: str, german_help: str = "", english_help: str = ""
) -> Setting:
    return Setting(
        name=name, german=german, english=english,
        german_help=german_help, english_help=english_help, kind="flag",
    )  # fmt: skip


def _choice(
    name: str, german: str, english: str, *choices: tuple[str, str, str],
    german_help: str = "", english_help: str = "",
) -> Setting:  # fmt: skip
    return Setting(
        name=name, german=german, english=english,
        german_help=german_help, english_help=english_help, kind="choice",
        choices=tuple(Choice(value=value, german=de, english=en) for value, de, en in choices),
    )  # fmt: skip


_FORMS = (
    ("zugferd", "PDF mit E-Rechnung (ZUGFeRD)", "PDF with e-invoice (ZUGFeRD)"),
    ("pdf", "nur PDF", "PDF only"),
    ("xrechnung_cii", "XRechnung (CII)", "XRechnung (CII)"),
    ("xrechnung_ubl", "XRechnung (UBL)", "XRechnung (UBL)"),
)

# By section, in the order of the page; the titles are `settings.section.…` in `settings_words`.
SECTIONS: Mapping[str, tuple[Setting, ...]] = {
    "company": (
        _text("name", "Firma", "Company"),
        _text("street", "Straße und Hausnummer", "Street and number"),
        _text("zip", "Postleitzahl", "Postcode"),
        _text("city", "Ort", "Town"),
        Setting(name="country", german="Land", english="Country", kind="country"),
        _text("email", "E-Mail", "E-mail", "Absender aller Mails an Ihre Kunden.",
              "Sender of all mails to your customers."),
        _text("phone", "Telefon", "Phone"),
        _text("website", "Website", "Website"),
        _text("manager", "Geschäftsführung", "Management"),
        _text("register", "Handelsregister", "Commercial register", "Etwa: Leipzig HRB 12345",
              "For example: Leipzig HRB 12345"),
        _choice("language", "Sprache der Konsole", "Language of the console",
                ("de", "Deutsch", "German"), ("en", "Englisch", "English")),
    ),
    "tax": (
        _text("tax_number", "Steuernummer", "Tax number"),
        _text("vat_id", "USt-IdNr.", "VAT ID", "Etwa: DE123456789", "For example: DE123456789"),
        _flag("small_business", "Kleinunternehmer nach § 19 UStG", "Small business (§ 19 UStG)",
              "Rechnungen weisen dann keine Umsatzsteuer aus.", "Invoices then show no VAT."),
        _flag("oss", "Registriert für den One-Stop-Shop (OSS)", "Registered for the One Stop Shop",
              "Dann dürfen Bestellungen Steuersätze anderer EU-Länder haben.",
              "Orders may then have the VAT rates of other EU countries."),
        _choice("margin", "Differenzbesteuerung (§ 25a UStG)", "Margin scheme (§ 25a UStG)",
                ("", "nein", "no"), ("goods", "Gebrauchtgegenstände", "second-hand goods"),
                ("art", "Kunstgegenstände", "works of art"),
                ("antiques", "Sammlungsstücke und Antiquitäten", "collector’s items and antiques"),
                german_help="Gilt für alles, was der Shop ohne Steuer verkauft.",
                english_help="Holds for all that the shop sells without tax."),
        _flag("large_turnover", "Vorjahresumsatz über 800.000 €",
              "Turnover of last year above €800,000",
              "Geschäftskunden bekommen dann ab 2027 E-Rechnungen, sonst ab 2028.",
              "Businesses then get e-invoices from 2027 on, else from 2028."),
        _choice("business_form", "Rechnungen an Unternehmen", "Invoices to businesses", *_FORMS),
        _choice("consumer_form", "Rechnungen an Privatkunden", "Invoices to consumers",
                *_FORMS[:2]),
        _choice("public_form", "Rechnungen an Behörden", "Invoices to public buyers", *_FORMS[2:],
                german_help="An jeden Kunden mit Leitweg-ID.",
                english_help="To every customer with a Leitweg-ID."),
        _text("exchange_rates", "Umrechnungskurse", "Exchange rates",
              "So viel ist ein Euro: CHF 0.9412, USD 1.0842. Rechnungen in anderen Währungen zeigen"
              " die Steuer auch in Euro.",
              "So much is one euro: CHF 0.9412, USD 1.0842. Invoices in other currencies show the"
              " tax in euro too."),
        _text("bank_holder", "Kontoinhaber", "Account holder"),
        _text("iban", "IBAN", "IBAN", "Steht auf Rechnungen, und Auszüge dieses Kontos werden"
              " angenommen.", "Printed on invoices; statements of this account are taken."),
        _text("bic", "BIC", "BIC"),
        _text("bank", "Bank", "Bank"),
    ),
    "look": (
        Setting(name="logo", german="Logo", english="Logo", kind="logo",
                german_help="PNG, höchstens 48 kB. Steht auf Dokumenten, in Mails und auf der Seite"
                " des Kunden.",
                english_help="PNG, at most 48 kB. Shown on documents, in mails and on the"
                " customer's page."),
        Setting(name="colour", german="Farbe", english="Colour", kind="colour", size=7,
                german_help="Für Linien, Knöpfe und Überschriften.",
                english_help="For lines, buttons and headings."),
    ),
    "payments": (
        _number("policy.payment_days", "Zahlungsziel in Tagen", "Days for payment",
                "Danach gilt eine Bestellung als überfällig.",
                "After that an order counts as overdue."),
        _number("match_threshold", "Von selbst buchen ab", "Book by itself from",
                "Sicherheit von 0 bis 100. Darunter wird nur vorgeschlagen.",
                "Certainty from 0 to 100. Below it is only suggested."),
        _number("match_tolerance", "Kleinbeträge erlassen bis (Cent)", "Let go of up to (cents)",
                "Fehlt bei einer Überweisung höchstens so viel, gilt sie als vollständig.",
                "A transfer that is short by no more counts as complete."),
        Setting(name="discount_percent", german="Skonto in Prozent",
                english="Cash discount in per cent", german_help="Leer: kein Skonto.",
                english_help="Empty: none.", kind="rate", size=6),
        _number("discount_days", "Skonto bei Zahlung in Tagen", "Cash discount within days",
                "Ab der Rechnung, die Tag und Betrag nennt.",
                "From the invoice on, which names the day and the sum."),
        _text("creditor_id", "Gläubiger-ID", "Creditor identifier",
              "Für Lastschriften; die Bundesbank vergibt sie.",
              "For direct debits; your central bank gives it out."),
        _number("debit_notice", "Lastschriften ankündigen (Tage vorher)",
                "Announce direct debits (days before)",
                "Früher wird nicht eingezogen.", "Nothing is collected earlier."),
    ),
    "reminders": (
        _choice("policy.dunning_levels", "Briefe", "Letters", ("0", "keine", "none"),
                ("1", "eine Erinnerung", "one reminder"),
                ("2", "Erinnerung und eine Mahnung", "a reminder and one dunning letter"),
                ("3", "Erinnerung und zwei Mahnungen", "a reminder and two dunning letters")),
        _number("policy.reminder_days", "Tage nach der Frist", "Days after the deadline",
                "So lange wird nach jeder Frist gewartet.", "So long after each deadline."),
        _number("policy.dunning_days", "Neue Frist in Tagen", "New deadline in days"),
        _number("policy.dunning_fee_1", "Gebühr der ersten Mahnung (Cent)",
                "Fee of the first dunning letter (cents)"),
        _number("policy.dunning_fee_2", "Gebühr der zweiten Mahnung (Cent)",
                "Fee of the second dunning letter (cents)"),
        _flag("policy.waive_fees_on_payment", "Gebühren erlassen, wenn alles andere bezahlt ist",
              "Waive the fees once all else is paid"),
        _flag("policy.cancel_unpaid", "Vorkasse nach der letzten Frist stornieren",
              "Cancel prepaid orders after the last deadline",
              "Die Ware wird frei, der Kunde bekommt eine E-Mail.",
              "The goods are free again, the customer gets a mail."),
    ),
    "bookkeeping": (
        _number("datev_consultant", "DATEV-Beraternummer", "DATEV consultant number",
                "Nennt die Steuerberatung.", "Told by the tax adviser."),
        _number("datev_client", "DATEV-Mandantennummer", "DATEV client number"),
        _choice("datev_chart", "Kontenrahmen", "Chart of accounts", ("SKR03", "SKR03", "SKR03"),
                ("SKR04", "SKR04", "SKR04")),
        _number("datev_account_length", "Länge der Sachkonten", "Digits of accounts"),
        _text("datev_debtor", "Debitor", "Debtor account", "Eine Ziffer länger als Sachkonten.",
              "One digit longer than accounts."),
        _choice("datev_debtors", "Debitoren", "Debtors", ("one", "ein Sammelkonto", "one account"),
                ("letter", "je Anfangsbuchstabe", "one for each first letter")),
        _text("datev_year_start", "Beginn des Wirtschaftsjahrs", "Business year begins",
              "Monat und Tag: 01-01", "Month and day: 01-01"),
    ),
    "documents": (
        _text("invoice_series", "Rechnungsnummern", "Invoice numbers",
              "Etwa RE, oder ein Format wie RE-{year}-{number:05}. Ein anderes beginnt bei 1.",
              "RE, or a format such as RE-{year}-{number:05}. Another one begins at 1."),
        _text("credit_note_series", "Nummern der Rechnungskorrekturen", "Credit note numbers"),
        _flag("attach_documents", "Belege an E-Mails anhängen", "Attach documents to mails",
              "Sonst nennt die E-Mail die Seite der Bestellung, wo sie abrufbar sind.",
              "Otherwise the mail leads to the order's page, where they can be fetched."),
        _choice("policy.invoice_on", "Rechnung entsteht", "Invoices are issued",
                ("payment", "bei Zahlung", "on payment"), ("acceptance", "bei Annahme", "at once"),
                ("shipment", "mit dem Versand", "on shipment"),
                ("delivery", "mit jeder Lieferung eine", "one for each delivery")),
        *(
            Setting(name=f"documents_{name}_{code}", german=f"{german} ({tongue[0]})",
                    english=f"{english} ({tongue[1]})", german_help=german_help,
                    english_help=english_help, kind="long", size=1000)
            for name, german, english, german_help, english_help in (
                ("intro", "Einleitung der Rechnung", "Opening of invoices",
                 "Leer: unser Satz. Auszeichnungen werden wörtlich gedruckt.",
                 "Empty: our sentence. Markup is printed as it is."),
                ("closing", "Schlusstext", "Closing text",
                 "Unter Rechnung, Korrektur und Lieferschein.",
                 "Below invoices, corrections and delivery notes."),
                ("footer", "Kleingedrucktes", "Small print", "", ""),
            )
            for code, tongue in (("de", ("deutsch", "German")), ("en", ("englisch", "English")))
        ),
        _flag("documents_position", "Spalte Position", "Column position"),
        _flag("documents_sku", "Artikelnummern", "Article numbers"),
        _flag("documents_ean", "EAN der Artikel", "EANs of articles",
              "Aus den Produkten; in E-Rechnungen auch für Maschinen.",
              "From the products; in electronic invoices for machines too."),
        _flag("documents_discount", "Rabatte je Position", "Discounts of lines",
              "Sonst steht der Preis nach Rabatt da.", "Otherwise prices are after discount."),
        _flag("documents_tax_rate", "Spalte Steuersatz", "Column VAT rate",
              "Bei mehreren Sätzen steht sie immer da.", "Always there with several rates."),
        _flag("documents_packing_slip", "Packzettel statt Lieferschein",
              "Packing slip instead of delivery note"),
    ),
    "mails": (
        _flag("policy.merge_payment_mail", "Zahlung in der Bestellbestätigung bestätigen",
              "Confirm the payment in the order confirmation",
              "Ist schon bezahlt, geht nur eine Mail hinaus.",
              "One mail instead of two where it is paid already."),
        _flag("policy.mail_on_change", "Änderungen der Bestellung mitteilen",
              "Tell customers of changes"),
    ),
    "shipping": (
        _choice("policy.ship_on", "Versandt wird", "Orders are shipped",
                ("payment", "nach der Zahlung", "once paid"),
                ("acceptance", "sofort, auf Rechnung", "at once, on account")),
        _number("policy.handling_days", "Tage bis zum Versand", "Days until dispatch",
                "Daraus wird das versprochene Versanddatum.",
                "The promised dispatch date comes from it."),
        _flag("policy.partial_shipments", "Teillieferungen", "Partial shipments"),
        _flag("policy.partial_reservation", "Teilweise reservieren", "Reserve in part",
              "Was da ist, wird zurückgelegt, auch wenn noch etwas fehlt.",
              "What is there is set aside even if something is missing."),
        _number("policy.reservation_days", "Unbezahlte Ware freigeben nach Tagen",
                "Let go of unpaid goods after days", "0: nie.", "0: never."),
        _choice("policy.routing", "Welches Lager zuerst", "Which location first",
                ("priority", "nach Rang", "by rank"),
                ("nearest", "das nächste zum Kunden", "the nearest to the customer")),
        _flag("policy.split", "Aus mehreren Lagern zugleich", "From several locations at once"),
        _flag("policy.fallback", "Andere Lager, wenn das erste zu wenig hat",
              "Other locations where the first has too little"),
    ),
    "selling": (
        _text("availability_key", "Schlüssel der Verfügbarkeit", "Key of availability",
              "Mit ihm fragt Ihr Shop, was verkäuflich ist. Er beginnt mit Ihrem Kürzel und einem"
              " Punkt; leer: niemand.",
              "Your shop asks with it what can be sold. It begins with your short name and a dot;"
              " empty: nobody."),
        _number("availability_cap", "Höchste Zahl, die genannt wird", "Highest number told",
                "Darüber heißt es nur: mehr. 0: keine Grenze.",
                "Above it only: more. 0: no limit."),
    ),
}  # fmt: skip
# The columns of a location, by the names of its fields.
LOCATION: tuple[Setting, ...] = (
    _text("id", "Kürzel", "Short name"),
    _text("name", "Name", "Name"),
    _text("street", "Straße", "Street"),
    _text("zip", "PLZ", "Postcode"),
    _text("city", "Ort", "Town"),
    Setting(name="country", german="Land", english="Country", kind="country"),
    _number("priority", "Rang", "Rank"),
)
NAMES: tuple[str, ...] = (*SECTIONS, "locations", "accounts", "series")


def setting(name: str) -> Setting | None:
    """Return a field by its name."""
    return next((one for some in SECTIONS.values() for one in some if one.name == name), None)
