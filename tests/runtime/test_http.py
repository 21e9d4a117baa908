"""Calls to the outside: what is sent, what an answer means, and where no call ever goes."""

from __future__ import annotations

import datetime as dt
import gzip
import ssl
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.runtime import outside
from chalicelib.runtime.http import HttpApi, fixed
from chalicelib.runtime.outside import Line, is_outside
from chalicelib.runtime.refusals import retry_after
from tests.loopback import Request, Response, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECRET = "k" * 40


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow calls to this machine, as the local run does."""
    monkeypatch.setenv("ALLOW_LOCAL_HOSTS", "1")


def _always(**response: object) -> Callable[[Request], Response]:
    return lambda _: Response(**response)  # type: ignore[arg-type]


@pytest.mark.usefixtures("local")
def test_a_call_carries_query_body_and_signature_and_reads_sums_exactly() -> None:
    """Numbers with a point are Decimal: no cent is lost on the way in."""
    with serving(_always(body=b'{"total": 0.1}', headers={"X-Total": "7"})) as shop:
        api = HttpApi(f"{shop.url}/sub/", fixed(authorization=f"Bearer {SECRET}"))
        reply = api.call("POST", "/orders", query={"a": "ü&"}, data={"sum": Decimal("1.10")})
    assert reply.json() == {"total": Decimal("0.1")}
    assert reply.headers["x-total"] == "7"
    [asked] = shop.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/sub/orders", {"a": "ü&"})
    assert asked.body == b'{"sum": "1.10"}'
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.usefixtures("local")
def test_a_form_is_sent_as_a_form_and_the_connection_is_kept() -> None:
    """A hundred pages need no hundred handshakes."""
    with serving(_always()) as shop:
        api = HttpApi(shop.url)
        for _ in range(3):
            api.call("POST", "/token", form={"grant_type": "x y"})
        assert shop.asked[0].body == b"grant_type=x+y"
        assert len(shop.connections) == 1


@pytest.mark.usefixtures("local")
def test_a_packed_answer_is_unpacked() -> None:
    """Pages of orders come packed, which is a tenth of the way."""
    body = gzip.compress(b'{"orders": []}')
    with serving(_always(body=body, headers={"Content-Encoding": "gzip"})) as shop:
        assert HttpApi(shop.url).call("GET", "/").json() == {"orders": []}
        assert "gzip" in shop.asked[0].headers["accept-encoding"]


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_what_may_work_later_is_retryable(status: int) -> None:
    """With the wait that the outside asks for."""
    with (
        serving(_always(status=status, headers={"Retry-After": "7"})) as shop,
        pytest.raises(Retryable) as error,
    ):
        HttpApi(shop.url).call("GET", "/")
    assert (error.value.code, error.value.after) == ("outside_down", 7.0)


@pytest.mark.parametrize(
    ("said", "wait"), [("nan", 0.0), ("-1", 0.0), ("inf", 43200.0), ("x", None)]
)
def test_an_odd_wait_is_a_wait_all_the_same(said: str, wait: float | None) -> None:
    """No number of the outside's may stop us from waiting at all, or for ever."""
    assert retry_after({"retry-after": said}) == wait


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b'{"code":"woocommerce_rest_invalid_id","message":"Ungueltige ID."}',
            "Ungueltige ID.; woocommerce_rest_invalid_id",
        ),
        (b'{"errors":[{"detail":"No such field","code":"X1"}]}', "No such field; X1"),
        (b'{"errors":{"sku":["is taken"]}}', "is taken"),
        (b"<html><style>p{}</style><h1>Forbidden</h1></html>", "Forbidden"),
        (b"", "nothing"),
    ],
)
def test_a_refusal_is_permanent_with_the_words_of_the_outside(body: bytes, words: str) -> None:
    """A merchant reads what the shop said, not our guess."""
    with serving(_always(status=422, body=body)) as shop, pytest.raises(Permanent) as error:
        HttpApi(shop.url).call("POST", "/orders/1?key=hidden")
    assert error.value.code == "outside_refused"
    assert error.value.text == f"POST /orders/1 was answered with 422: {words}"


@pytest.mark.usefixtures("local")
def test_a_refusal_that_was_expected_is_an_answer() -> None:
    """`allow` is for who asks whether something exists."""
    with serving(_always(status=404)) as shop:
        assert HttpApi(shop.url).call("GET", "/", allow=(404,)).status == 404


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize(
    "said",
    [
        f"bad key {SECRET}",
        f"bad header Bearer {SECRET}",
        '{"error":"no such token ' + SECRET + '"}',
        "Basic Y2tfa2V5MTpjc19zZWNyZXQx is wrong, so is cs_secret1",
    ],
)
def test_no_error_repeats_a_secret(said: str) -> None:
    """Some shops print back what they refuse: it must not reach a hold or a log."""
    sign = fixed(authorization=f"Bearer {SECRET}", x_other="Basic Y2tfa2V5MTpjc19zZWNyZXQx")
    with (
        serving(_always(status=401, body=said.encode())) as shop,
        pytest.raises(Permanent) as error,
    ):
        HttpApi(shop.url, sign).call("GET", "/")
    for secret in (SECRET, "Y2tfa2V5MTpjc19zZWNyZXQx", "cs_secret1"):
        assert secret not in str(error.value)


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("value", ["abc\ndef-secret", "schlüssel-secret"])
def test_a_secret_no_header_can_hold_is_named_without_showing_it(value: str) -> None:
    """Pasted with a line break, it would else stand in a stack trace."""
    with pytest.raises(Permanent) as error:
        HttpApi("http://127.0.0.1:9", fixed(authorization=value)).call("GET", "/")
    assert error.value.code == "not_set_up"
    assert "secret" not in error.value.text.replace("A secret of", "")


@pytest.mark.usefixtures("local")
def test_a_refused_sign_in_is_renewed_once() -> None:
    """A token may end early; a key that is wrong is not tried twice."""
    signed: list[bool] = []

    def sign(is_refused: bool) -> Mapping[str, str]:  # noqa: FBT001
        signed.append(is_refused)
        return {"authorization": "new" if is_refused else "old"}

    def answer(request: Request) -> Response:
        return Response(status=200 if request.headers["authorization"] == "new" else 401)

    with serving(answer) as shop:
        assert HttpApi(shop.url, sign).call("GET", "/").status == 200
        assert signed == [False, True]
        with pytest.raises(Permanent):
            HttpApi(shop.url, fixed(authorization="wrong-key")).call("GET", "/")
        assert len(shop.asked) == 3


@pytest.mark.usefixtures("local")
def test_a_full_address_is_called_on_the_same_host_only() -> None:
    """A link to the next page that leads elsewhere would take our signature along."""
    with serving(_always()) as shop, serving(_always()) as other:
        api = HttpApi(f"{shop.url}/api")
        assert api.call("GET", f"{shop.url}/other?page=2").status == 200
        assert shop.asked[0].path == "/other"
        for elsewhere in (f"{other.url}/", "//evil.example/", "https://evil.example/"):
            with pytest.raises(Permanent) as error:
                api.call("GET", elsewhere)
            assert error.value.code == "outside_host"
        with pytest.raises(Permanent) as error:
            api.call("GET", "https://shop.example:99999/")
        assert error.value.code == "bad_address"
        assert other.asked == []


@pytest.mark.usefixtures("local")
def test_redirects_are_followed_on_the_same_host_only() -> None:
    """And never so that a POST becomes a GET."""
    places = {
        "/old": "/new",
        "/circle": "/circle",
        "/away": "https://evil.example/",
        "/nowhere": "https://[shop",
    }

    def answer(request: Request) -> Response:
        if place := places.get(request.path):
            return Response(status=301, headers={"Location": place})
        return Response(body=b'"here"')

    with serving(answer) as shop:
        api = HttpApi(shop.url)
        assert api.call("GET", "/old").json() == "here"
        for method, path, code in [
            ("GET", "/away", "outside_host"),
            ("GET", "/circle", "outside_refused"),
            ("GET", "/nowhere", "bad_address"),
            ("POST", "/old", "outside_refused"),
        ]:
            with pytest.raises(Permanent) as error:
                api.call(method, path)
            assert error.value.code == code


@pytest.mark.usefixtures("local")
def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small on the wire and huge unpacked counts as huge."""
    monkeypatch.setattr(outside, "LARGEST", 100_000)
    body = gzip.compress(b"0" * 5_000_000)
    with (
        serving(_always(body=body, headers={"Content-Encoding": "gzip"})) as shop,
        pytest.raises(Permanent) as error,
    ):
        HttpApi(shop.url).call("GET", "/")
    assert error.value.code == "outside_too_large"


@pytest.mark.usefixtures("local")
def test_a_page_where_json_was_expected_is_named() -> None:
    """A login page answers 200 too."""
    with serving(_always(body=b"<html>", headers={"Content-Type": "text/html"})) as shop:
        reply = HttpApi(shop.url).call("GET", "/")
    with pytest.raises(Retryable) as error:
        reply.json()
    assert (error.value.code, "text/html" in error.value.text) == ("outside_garbled", True)


@pytest.mark.usefixtures("local")
def test_nobody_there_is_retryable() -> None:
    """A shop that is down may be back soon; the text names the host and no path."""
    with serving(_always()) as shop:
        pass
    with pytest.raises(Retryable) as error:
        HttpApi(shop.url).call("GET", "/orders?secret=1")
    assert "secret" not in error.value.text


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.2.1",  # noqa: S104
        "::1", "::ffff:10.0.0.1", "fe80::1", "fd00:ec2::254", "2a00:1450::1",
    ],
)  # fmt: skip
def test_our_own_network_and_the_machine_with_our_credentials_are_not_outside(
    address: str,
) -> None:
    """Private, loopback, link-local, multicast, reserved, and all of version 6."""
    assert not is_outside(address)


def test_an_address_of_the_internet_is_outside() -> None:
    """A shop's."""
    assert is_outside("23.227.38.32")


@pytest.mark.parametrize(
    "base", ["https://127.0.0.1", "https://localhost", "https://169.254.169.254"]
)
def test_a_host_inside_is_refused_before_anything_is_sent(base: str) -> None:
    """Whether written as a name or as a number."""
    with pytest.raises(Permanent) as error:
        HttpApi(base).call("GET", "/latest/meta-data")
    assert error.value.code == "outside_host"


def test_a_name_that_also_points_inside_is_refused() -> None:
    """One good address beside a bad one does not help."""
    line = Line(urlsplit("https://shop.example"), lambda *_: ["23.227.38.32", "10.0.0.1"])
    with pytest.raises(Permanent):
        line.send("GET", "https://shop.example/", None, {})


@pytest.mark.parametrize(
    "base",
    [
        "http://shop.example",
        "ftp://shop.example",
        "shop.example",
        "https://",
        "https://a:b@shop.example",
        "https://:b@shop.example",
        "https://shop.example/shop#top",
        "https://shop.example:99999",
        "https://shop.example:port",
        "https://[shop.example",
    ],
)
def test_an_address_that_is_none_is_named(base: str) -> None:
    """Encrypted only, and without credentials in it."""
    with pytest.raises(Permanent) as error:
        HttpApi(base)
    assert error.value.code == "bad_address"


def _certificate(folder: Path, host: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "host.pem", folder / "host.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


@pytest.mark.usefixtures("local")
def test_the_checked_address_is_called_under_the_name_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificate and Host are the shop's, though the address was looked up before."""
    certificate, private = _certificate(tmp_path, "shop.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    asked_for: list[str] = []
    context.sni_callback = lambda _, name, __: asked_for.append(str(name))
    with serving(_always(), tls=context) as shop:
        port = urlsplit(shop.url).port
        for host, is_good in [("shop.test", True), ("other.test", False)]:
            line = Line(urlsplit(f"https://{host}:{port}"), lambda *_: ["127.0.0.1"])
            if is_good:
                assert line.send("GET", f"https://{host}:{port}/", None, {}).status == 200
            else:
                with pytest.raises(Retryable):
                    line.send("GET", f"https://{host}:{port}/", None, {})
    assert asked_for == ["shop.test", "other.test"]
    assert [asked.headers["host"] for asked in shop.asked] == [f"shop.test:{port}"]
