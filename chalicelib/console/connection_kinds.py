"""What each kind of connection is called, asks for and needs to be done, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "connection_how.woocommerce": "Ein Schlüssel unter WooCommerce › Einstellungen › Erweitert › "
    "REST-API (Lesen/Schreiben) genügt: Die Webhooks melden wir dann selbst an. Ohne Schlüssel: "
    "dort unter Webhooks „Bestellung erstellt“ und „Bestellung aktualisiert“ mit der "
    "Webhook-Adresse und demselben Geheimnis anlegen.",
    "connection_how.shopify": "Unter Einstellungen › Apps › Apps entwickeln eine App anlegen, die "
    "Bestellungen, Fulfillments, Bestand und Standorte lesen und schreiben darf. Das "
    "Webhook-Geheimnis ist das Client-Secret der App. Ohne App: unter Einstellungen › "
    "Benachrichtigungen › Webhooks alle Bestellereignisse als JSON an die Webhook-Adresse.",
    "connection_how.shopware": "Ohne Schlüssel verbinden, danach die App herunterladen, in einen "
    "Ordner „Kontor“ legen, als ZIP packen und im Shop installieren. Alles Weitere tauschen Shop "
    "und Kontor selbst aus.",
    "connection_how.saleor": "Eine App anlegen, die Bestellungen und Artikel verwalten darf (und "
    "Apps, damit wir die Webhooks selbst anmelden), und ihr Token eintragen.",
    "connection_how.amazon": "In Seller Central eine private Anwendung für Bestellungen und "
    "Angebote anlegen und autorisieren. Bestellungen werden abgerufen.",
    "connection_how.ebay": "Unter developer.ebay.com eine Anwendung anlegen und ihr als Verkäufer "
    "zustimmen. Bestellungen werden abgerufen.",
    "connection_how.etsy": "Eine Anwendung anlegen und ihr als Verkäufer zustimmen. Bestellungen "
    "werden abgerufen; Webhooks werden im Portal von Etsy eingetragen.",
    "connection_how.generic": "Bestellungen per POST nach /schemas/order.json an die "
    "Webhook-Adresse senden, signiert mit HMAC-SHA256 und dem Geheimnis.",
    "connection_how.adyen": "Unter Developers › Webhooks einen Standard-Webhook (JSON) mit der "
    "Webhook-Adresse anlegen; das Geheimnis ist der HMAC-Schlüssel. Händlerkonto und API-Schlüssel "
    "(Rolle „Checkout webservice“) erlauben uns Erstattungen; live gehört das URL-Präfix dazu.",
    "connection_how.klarna": "API-Zugangsdaten im Händlerportal von Klarna anlegen und die "
    "Webhook-Adresse bei jeder Zahlung als notification und status_update angeben, beim Checkout "
    "als push mit ?klarna_order_id= und dem Platzhalter der Bestellung; Kontor liest sie nach.",
    "connection_how.sumup": "Einen API-Schlüssel im Dashboard von SumUp anlegen und die "
    "Webhook-Adresse bei jedem Checkout als return_url angeben; Kontor liest den Checkout nach. "
    "Ein Geheimnis brauchen nur signierte Ereignisse.",
    "connection_how.mollie": "Die Webhook-Adresse bei jeder Zahlung als webhookUrl angeben; Kontor "
    "liest die Zahlung mit dem Schlüssel nach. Oder signierte Ereignisse mit Inhalt abonnieren.",
    "connection_how.paypal": "In der App unter Webhooks die Webhook-Adresse mit den Ereignissen zu "
    "Capture und Dispute eintragen; die ID zeigt PayPal danach an. Mit Client-ID und Secret "
    "der App zahlen wir Erstattungen aus und fragen vor einer Stornierung nach („Transaction "
    "search“ einschalten).",
    "connection_how.stripe": "Unter Developers › Webhooks die Webhook-Adresse mit "
    "payment_intent.succeeded, charge.refunded und charge.dispute.funds_withdrawn eintragen; das "
    "Geheimnis beginnt mit whsec_. Mit einem eingeschränkten Schlüssel (Erstattungen schreiben, "
    "Zahlungen lesen) zahlen wir Erstattungen aus und fragen vor einer Stornierung nach.",
    "connection_how.local": "Ein Zusteller ohne eigene Schnittstelle: Wir drucken die Etiketten "
    "selbst.",
    "connection_how.bank": "Ein Bankkonto, dessen Auszüge Sie einlesen.",
    "connection_kind.woocommerce": "WooCommerce",
    "connection_kind.shopify": "Shopify",
    "connection_kind.shopware": "Shopware",
    "connection_kind.saleor": "Saleor",
    "connection_kind.amazon": "Amazon",
    "connection_kind.ebay": "eBay",
    "connection_kind.etsy": "Etsy",
    "connection_kind.generic": "Anderer Shop",
    "connection_kind.stripe": "Stripe",
    "connection_kind.adyen": "Adyen",
    "connection_kind.klarna": "Klarna",
    "connection_kind.mollie": "Mollie",
    "connection_kind.paypal": "PayPal",
    "connection_kind.sumup": "SumUp",
    "connection_kind.local": "Eigene Zustellung",
    "connection_kind.bank": "Bank",
    "connection_field.base_url": "Adresse des Shops",
    "connection_field.webhook_secret": "Webhook-Geheimnis",
    "connection_field.webhook_id": "ID des Webhooks",
    "connection_field.api_key": "API-Schlüssel",
    "connection_field.consumer_key": "Consumer Key",
    "connection_field.consumer_secret": "Consumer Secret",
    "connection_field.shop": "Shop",
    "connection_field.access_token": "Access Token",
    "connection_field.location": "Standort",
    "connection_field.client_id": "Client-ID",
    "connection_field.client_secret": "Client Secret",
    "connection_field.app_token": "Token der App",
    "connection_field.warehouse": "Lager",
    "connection_field.region": "Region",
    "connection_field.marketplace_ids": "Marktplatz-IDs",
    "connection_field.seller_id": "Händler-ID",
    "connection_field.tax_rate": "Umsatzsteuer in Prozent",
    "connection_field.refresh_token": "Refresh Token",
    "connection_field.environment": "Umgebung",
    "connection_field.shop_id": "Shop-ID",
    "connection_field.keystring": "Keystring",
    "connection_field.shared_secret": "Shared Secret",
    "connection_field.merchant_account": "Händlerkonto",
    "connection_field.report_key": "API-Schlüssel der Berichte",
    "connection_field.merchant_code": "Händlercode",
    "connection_field.url_prefix": "URL-Präfix (live)",
    "connection_field.capture": "Einzug der Zahlung",
    "connection_field.username": "API-Benutzername",
    "connection_field.password": "API-Passwort",
    "connection_field.basic_user": "Benutzername des Webhooks",
    "connection_field.basic_password": "Passwort des Webhooks",
    "connection_field.poll": "Abruf",
    "connection_field.reserve_units": "Zurückgehaltene Stück",
}

ENGLISH: Mapping[str, str] = {
    "connection_how.woocommerce": "A key from WooCommerce › Settings › Advanced › REST API "
    "(read/write) is enough: we register the webhooks ourselves. Without one: add the webhooks "
    "“Order created” and “Order updated” there, with the webhook address and the same secret.",
    "connection_how.shopify": "Under Settings › Apps › Develop apps, make an app that may read and "
    "write orders, fulfillments, inventory and locations. The webhook secret is the app’s client "
    "secret. Without an app: Settings › Notifications › Webhooks, all events about orders as "
    "JSON to the webhook address.",
    "connection_how.shopware": "Connect without keys, then download the app, put it into a folder "
    "“Kontor”, pack it as a zip and install it in the shop. Shop and Kontor exchange the rest "
    "themselves.",
    "connection_how.saleor": "Make an app that may manage orders and products (and apps, so that "
    "we can register the webhooks), and give its token.",
    "connection_how.amazon": "Make a private application for orders and listings in Seller Central "
    "and authorise it. Orders are polled.",
    "connection_how.ebay": "Make an application at developer.ebay.com and consent to it as the "
    "seller. Orders are polled.",
    "connection_how.etsy": "Make an application and consent to it as the seller. Orders are "
    "polled; webhooks are set up in Etsy’s own portal.",
    "connection_how.generic": "POST orders as /schemas/order.json describes them to the webhook "
    "address, signed with HMAC-SHA256 and the secret.",
    "connection_how.adyen": "Under Developers › Webhooks, add a standard webhook (JSON) with the "
    "webhook address; the secret is the HMAC key. Merchant account and API key (role “Checkout "
    "webservice”) let us refund; live payments need the URL prefix, too.",
    "connection_how.klarna": "Make API credentials in Klarna’s merchant portal and give the "
    "webhook address with each payment as notification and status_update, for the checkout as push "
    "with ?klarna_order_id= and the placeholder of the order; Kontor reads it back.",
    "connection_how.sumup": "Make an API key in SumUp’s dashboard and give the webhook address "
    "with each checkout as return_url; Kontor reads the checkout back. Only signed events need a "
    "secret.",
    "connection_how.mollie": "Give the webhook address as webhookUrl of each payment; Kontor reads "
    "the payment back with the key. Or subscribe to signed events with their full payload.",
    "connection_how.paypal": "In the app, under Webhooks, add the webhook address with the events "
    "about captures and disputes; PayPal then shows the ID. With the app’s client ID and "
    "secret we refund, and ask before an order is cancelled (switch on “Transaction search”).",
    "connection_how.stripe": "Under Developers › Webhooks, add the webhook address with "
    "payment_intent.succeeded, charge.refunded and charge.dispute.funds_withdrawn; the secret "
    "begins with whsec_. With a restricted key (write refunds, read payments) we refund, and ask "
    "before an order is cancelled.",
    "connection_how.local": "A carrier without an interface: we print the labels ourselves.",
    "connection_how.bank": "A bank account whose statements you read in.",
    "connection_kind.woocommerce": "WooCommerce",
    "connection_kind.shopify": "Shopify",
    "connection_kind.shopware": "Shopware",
    "connection_kind.saleor": "Saleor",
    "connection_kind.amazon": "Amazon",
    "connection_kind.ebay": "eBay",
    "connection_kind.etsy": "Etsy",
    "connection_kind.generic": "Another shop",
    "connection_kind.stripe": "Stripe",
    "connection_kind.adyen": "Adyen",
    "connection_kind.klarna": "Klarna",
    "connection_kind.mollie": "Mollie",
    "connection_kind.paypal": "PayPal",
    "connection_kind.sumup": "SumUp",
    "connection_kind.local": "Own delivery",
    "connection_kind.bank": "Bank",
    "connection_field.base_url": "Address of the shop",
    "connection_field.webhook_secret": "Webhook secret",
    "connection_field.webhook_id": "ID of the webhook",
    "connection_field.api_key": "API key",
    "connection_field.consumer_key": "Consumer key",
    "connection_field.consumer_secret": "Consumer secret",
    "connection_field.shop": "Shop",
    "connection_field.access_token": "Access token",
    "connection_field.location": "Location",
    "connection_field.client_id": "Client ID",
    "connection_field.client_secret": "Client secret",
    "connection_field.app_token": "Token of the app",
    "connection_field.warehouse": "Warehouse",
    "connection_field.region": "Region",
    "connection_field.marketplace_ids": "Marketplace IDs",
    "connection_field.seller_id": "Seller ID",
    "connection_field.tax_rate": "VAT in per cent",
    "connection_field.refresh_token": "Refresh token",
    "connection_field.environment": "Environment",
    "connection_field.shop_id": "Shop ID",
    "connection_field.keystring": "Keystring",
    "connection_field.shared_secret": "Shared secret",
    "connection_field.merchant_account": "Merchant account",
    "connection_field.report_key": "API key for reports",
    "connection_field.merchant_code": "Merchant code",
    "connection_field.url_prefix": "URL prefix (live)",
    "connection_field.capture": "Capture",
    "connection_field.username": "API user name",
    "connection_field.password": "API password",
    "connection_field.basic_user": "User of the webhook",
    "connection_field.basic_password": "Password of the webhook",
    "connection_field.poll": "Poll",
    "connection_field.reserve_units": "Pieces kept back",
}
