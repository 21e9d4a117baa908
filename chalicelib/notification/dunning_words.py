"""What the letters say that ask for money which is late, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One mail: its subject, the preview line, the heading and the paragraphs above the rest."""

    subject: str
    preview: str
    title: str
    paragraphs: tuple[str, ...]


GERMAN: Mapping[str, Words] = {
    "payment_reminder": Words(
        subject="Zahlungserinnerung zu Ihrer Bestellung {number}",
        preview="Noch offen: {open}. Bitte bis zum {due_on} überweisen.",
        title="Haben Sie an die Zahlung gedacht?",
        paragraphs=(
            (
                "zu Ihrer Bestellung {number} vom {date} sind noch {open} offen. Sicher haben Sie "
                "es nur übersehen: Bitte überweisen Sie den Betrag bis zum {due_on}."
            ),
        ),
    ),
    "dunning_1": Words(
        subject="1. Mahnung zu Ihrer Bestellung {number}",
        preview="Noch offen: {open}. Bitte bis zum {due_on} überweisen.",
        title="1. Mahnung",
        paragraphs=(
            (
                "zu Ihrer Bestellung {number} vom {date} fehlt uns trotz unserer Erinnerung noch "
                "eine Zahlung über {open}. Bitte überweisen Sie den Betrag bis zum {due_on}."
            ),
        ),
    ),
    "dunning_2": Words(
        subject="2. Mahnung zu Ihrer Bestellung {number}",
        preview="Noch offen: {open}. Bitte bis zum {due_on} überweisen.",
        title="2. Mahnung",
        paragraphs=(
            (
                "zu Ihrer Bestellung {number} vom {date} sind trotz mehrerer Schreiben noch {open} "
                "offen. Wir fordern Sie letztmalig auf, den Betrag bis zum {due_on} zu überweisen."
            ),
        ),
    ),
}

ENGLISH: Mapping[str, Words] = {
    "payment_reminder": Words(
        subject="Payment reminder for your order {number}",
        preview="Still open: {open}. Please transfer it by {due_on}.",
        title="Did you forget to pay?",
        paragraphs=(
            (
                "{open} of your order {number} of {date} are still open. You may simply have "
                "overlooked it: please transfer the amount by {due_on}."
            ),
        ),
    ),
    "dunning_1": Words(
        subject="First dunning letter for your order {number}",
        preview="Still open: {open}. Please transfer it by {due_on}.",
        title="First dunning letter",
        paragraphs=(
            (
                "Despite our reminder we are still missing a payment of {open} for your order "
                "{number} of {date}. Please transfer the amount by {due_on}."
            ),
        ),
    ),
    "dunning_2": Words(
        subject="Second dunning letter for your order {number}",
        preview="Still open: {open}. Please transfer it by {due_on}.",
        title="Second dunning letter",
        paragraphs=(
            (
                "Despite several letters {open} of your order {number} of {date} are still open. "
                "We ask you for the last time to transfer the amount by {due_on}."
            ),
        ),
    ),
}
