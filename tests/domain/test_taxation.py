"""How a sale is taxed, and when a person has to look at it first."""

from __future__ import annotations

from decimal import Decimal

import eu_vat_rates_data
import pytest

from chalicelib.domain import taxation, vat_ids
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.taxation import Sale, Seller, Treatment
from chalicelib.domain.vat_rates import RATES

OURS = Seller(vat_id="DE313233343")
# Rates of islands and valleys only, which we leave to a person.
ELSEWHERE = {"AT": {19.0}, "FR": {13.0, 8.5, 1.05, 0.9}, "GR": {17.0, 4.0}, "PT": {22.0, 16.0}}
OSS = Seller(vat_id="DE313233343", has_oss=True)


def sale(country: str, *rates: str, vat_id: str = "", ships: bool = True) -> Sale:
    """Return a sale to a country at some rates."""
    return Sale(country=country, vat_id=vat_id, rates=frozenset(map(Decimal, rates)), ships=ships)


@pytest.mark.parametrize(
    ("seller", "sold", "treatment"),
    [
        (OURS, sale("DE", "19", "7"), Treatment.STANDARD),
        (OURS, sale("", "19.00"), Treatment.STANDARD),
        (OURS, sale("DE", "0"), Treatment.STANDARD),
        (OURS, sale("AT", "19"), Treatment.STANDARD),
        (OSS, sale("AT", "20", "10"), Treatment.OSS),
        (OSS, sale("FI", "25.5"), Treatment.OSS),
        (OURS, sale("AT", "0", vat_id="ATU 1234-5675"), Treatment.INTRA_COMMUNITY),
        (OURS, sale("GR", "0", vat_id="EL123456789"), Treatment.INTRA_COMMUNITY),
        (OURS, sale("AT", "0", vat_id="ATU12345675", ships=False), Treatment.REVERSE_CHARGE),
        (OURS, sale("CH", "0"), Treatment.EXPORT),
        (OURS, sale("CH", "0", ships=False), Treatment.STANDARD),
        (Seller(is_small=True), sale("AT", "0"), Treatment.SMALL_BUSINESS),
        (Seller(margin="art"), sale("DE", "0", "19"), Treatment.MARGIN_ART),
        (Seller(margin="goods"), sale("FR", "0"), Treatment.MARGIN_GOODS),
        (Seller(margin="antiques"), sale("DE", "19"), Treatment.STANDARD),
        (Seller(country="CH"), sale("CH", "8.1"), Treatment.STANDARD),
    ],
)
def test_a_sale_is_taxed_by_who_sells_what_to_whom(
    seller: Seller, sold: Sale, treatment: Treatment
) -> None:
    """At home, within the EU with and without VAT id, through the One Stop Shop, and beyond."""
    assert taxation.treatment(seller, sold) is treatment


@pytest.mark.parametrize(
    ("seller", "sold", "code", "says"),
    [
        (
            OURS,
            sale("DE", "20"),
            "tax_rate_wrong",
            "tax_rate: 20 % is no rate of Germany (19, 7 %)",
        ),
        (OSS, sale("AT", "19", "21"), "tax_rate_wrong", "tax_rate: 21 % is no rate of Austria"),
        (OURS, sale("AT", "20"), "oss_unset", "oss: 20 % is the tax of Austria"),
        (OURS, sale("AT", "0"), "vat_id_missing", "vat_id: no tax is charged to Austria"),
        (OURS, sale("AT", "0", vat_id="ATU12"), "vat_id_wrong", "vat_id: 'ATU12'"),
        (OURS, sale("AT", "0", vat_id="DE313233343"), "vat_id_wrong", "vat_id: DE313233343 is of"),
        (OURS, sale("CH", "19"), "tax_rate_wrong", "tax_rate: 19 % charged, but goods to"),
        (Seller(), sale("CH", "0"), "own_vat_id_missing", "settings.vat_id:"),
        (Seller(is_small=True), sale("DE", "19"), "tax_rate_wrong", "tax_rate: 19 % charged"),
    ],
)
def test_what_cannot_be_right_names_the_field(
    seller: Seller, sold: Sale, code: str, says: str
) -> None:
    """A person decides, before a number is drawn."""
    with pytest.raises(NeedsHuman) as doubt:
        taxation.treatment(seller, sold)
    assert doubt.value.code == code
    assert doubt.value.text.startswith(says)


def test_what_a_person_released_is_taxed_as_the_order_says() -> None:
    """But not without the merchant's own VAT id, which the invoice would be void without."""
    sold = sale("CH", "19")
    assert taxation.treatment(OURS, sold, released={"tax_rate_wrong"}) is Treatment.STANDARD
    with pytest.raises(NeedsHuman):
        taxation.treatment(Seller(), sale("CH", "0"), released={"own_vat_id_missing"})


def test_the_rates_are_those_of_the_commissions_database() -> None:
    """Whoever updates the package learns here which country has changed its rates."""
    for country, rates in RATES.items():
        told = eu_vat_rates_data.get_rate(country)
        assert told is not None
        more = [told["super_reduced"], told["parking"], *told["reduced"]]
        assert float(rates[0]) == told["standard"], country
        all_of_them = {told["standard"], *(x for x in more if x)}
        assert {float(x) for x in rates} == all_of_them - ELSEWHERE.get(country, set()), country
    assert set(RATES) == {
        code for code, rate in eu_vat_rates_data.get_all_rates().items() if rate["eu_member"]
    }


@pytest.mark.parametrize("country", RATES)
def test_forms_of_vat_ids_are_not_stricter_than_others_know_them(country: str) -> None:
    """A made-up id of each country's form is one for us too, and half of it is not."""
    made = {
        "AT": "ATU12345675", "BE": "BE0123456789", "CY": "CY12345678A", "ES": "ESA1234567B",
        "FR": "FRXX123456789", "GR": "EL123456789", "IE": "IE1234567WA", "NL": "NL123456789B01",
        "SE": "SE123456789001",
    }.get(country)  # fmt: skip
    digits = {"DE": 9, "BG": 9, "EE": 9, "PT": 9, "LT": 9, "CZ": 8, "PL": 10, "SK": 10, "RO": 8}
    lengths = {"HR": 11, "IT": 11, "LV": 11} | digits
    made = made or country + "123456789012"[: lengths.get(country, 8)]
    assert vat_ids.is_vat_id(made)
    assert not vat_ids.is_vat_id(made[:3])
    assert vat_ids.country_of(made) == country
