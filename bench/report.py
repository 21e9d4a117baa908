"""Writes the figures as docs/performance.md, and the table of targets for the terminal."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from bench import exports
from bench.bank_confusion import OUTCOMES, TRUE_CLASSES, Confusion
from bench.bank_speed import Speed
from bench.catalogue import ROWS, Catalogue
from bench.figures import Figures, Orders
from bench.flash import ORDERS, ROUNDS, TRANSACTION_MS, UNITS, Flash, Sale
from bench.numbers import RENDERING, Series
from bench.pricing import cost, mail_cost
from bench.targets import TARGETS, Target

METHOD = Path(__file__).with_name("method.md")
SALES: dict[str, Callable[[Sale], float]] = {
    "reserved": lambda sale: sale.reserved,
    "short, told so": lambda sale: sale.short,
    "lost": lambda sale: sale.lost,
    "orders answered per second": lambda sale: sale.per_second,
    "orders in the largest batch": lambda sale: sale.most,
    "transactions": lambda sale: sale.writes,
    "of them refused, and decided again": lambda sale: sale.refused,
    "write units on the hottest row per order": lambda sale: sale.key_units,
    "write units per order": lambda sale: sale.write_units / sale.orders,
    "AWS calls per order": lambda sale: sale.calls / sale.orders,
    "own CPU ms per order": lambda sale: sale.cpu_ms / sale.orders,
}
RARE = 0.5  # calls per order below which a call is not listed


def summary(figures: Figures) -> str:
    """Return the table of targets as plain lines."""
    rows = [
        f"  {'✓' if target.measure(figures) <= target.target else '✗'} "
        f"{_figure(target, figures):>8}  of {target.target:g} ({target.goal:g})  {target.what}"
        for target in TARGETS
    ]
    month = [
        f"  {figures.month.of(outcome):>10}  payments of the made-up month {outcome}"
        for outcome in OUTCOMES
    ]
    return "\n".join(
        ["", *rows, *month, f"  {figures.per_second:>10.2f}  orders/s, {figures.many} at once", ""]
    )


def markdown(figures: Figures) -> str:
    """Return the whole document."""
    parts = [
        "# Performance",
        f"Made by `make bench` on {datetime.now(UTC).date()} in {figures.seconds:.0f} s.",
        f"Machine: {figures.machine}.",
        METHOD.read_text(encoding="utf-8").strip(),
        "## Targets",
        _targets(figures),
        "## An order and its price",
        _order(figures.orders, figures.paid),
        _price(figures.orders, figures.paid),
        "## By function",
        _functions(figures.orders),
        "## Calls",
        _calls(figures.orders),
        "## History",
        _history(figures),
        "## Cold starts and packages",
        _cold(figures),
        "## Without orders",
        _idle(figures),
        "## Flash sale",
        flash(figures.flash),
        "## Numbers of one series",
        numbers(figures.numbers),
        "## Rendering",
        figures.documents.told(),
        "## A catalogue",
        catalogue(figures.catalogue),
        "## Exports",
        exports.text(figures.exports),
        "## A bank statement",
        bank(figures.bank, figures.month),
        "## Pace on the local engine",
        _pace(figures),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _figure(target: Target, figures: Figures) -> str:
    return f"{target.measure(figures):.{target.digits}f}"


def _targets(figures: Figures) -> str:
    rows = []
    for target in TARGETS:
        value = target.measure(figures)
        met = "goal" if value <= target.goal else "target" if value <= target.target else "**no**"
        rows.append(
            [target.what, f"{target.target:g}", f"{target.goal:g}", _figure(target, figures), met]
        )
    return _table(["figure", "target", "goal", "measured", "met"], rows)


def _order(orders: Orders, paid: Orders) -> str:
    names = {
        "calls": "AWS calls of our code",
        "write_units": "DynamoDB write units",
        "read_units": "DynamoDB read units",
        "invocations": "invocations",
        "queue_requests": "SQS requests, with those Lambda makes",
        "puts": "S3 PUT",
        "gets": "S3 GET",
        "mails": "mails",
    }
    rows = [[what, _spread(orders, count), _spread(paid, count)] for count, what in names.items()]
    rows.append(
        [
            "refused calls (somebody else was faster)",
            f"{orders.refused():.1f}",
            f"{paid.refused():.1f}",
        ]
    )
    rows.append(["own CPU ms, all functions warm", _cpu(orders), _cpu(paid)])
    return _table(
        ["per order: median (least – most)", "paid by Stripe later", "arrives paid"], rows
    )


def orders(found: Orders, paid: Orders) -> str:
    """Return what an order costs, in all and by function and call."""
    return "\n\n".join([_order(found, paid), _price(found, paid), _functions(found), _calls(found)])


def _spread(orders: Orders, count: str) -> str:
    median, least, most = orders.spread(count)
    return f"{median:g}" if least == most else f"{median:g} ({least:g} – {most:g})"


def _cpu(orders: Orders) -> str:
    return f"{orders.cpu():.1f} (median of {len(orders.warm())} orders)"


def _price(orders: Orders, paid: Orders) -> str:
    both = [cost(one.mean()) for one in (orders, paid)]
    order = sorted(both[0], key=lambda line: -both[0][line])
    rows = [[line, *(f"{lines[line]:.1f}" for lines in both)] for line in order]
    rows.append(["**without mail**", *(f"**{sum(lines.values()):.1f}**" for lines in both)])
    for plan in ("essentials", "a_la_carte"):
        mails = [mail_cost(one.mean().mails, plan) for one in (orders, paid)]
        name = f"with mail, SES {plan.replace('_', ' ')}"
        sums = zip(both, mails, strict=True)
        rows.append([name, *(f"{sum(lines.values()) + mail:.1f}" for lines, mail in sums)])
    return _table(["µ$ per order, mean", "paid by Stripe later", "arrives paid"], rows)


def _functions(orders: Orders) -> str:
    rows = []
    for name, one in orders.by_function().items():
        counts = (one.invocations, one.calls, one.write_units, one.read_units, one.queue_requests)
        money = sum(cost(one).values())
        rows.append([name, *(f"{x:.1f}" for x in counts), f"{one.cpu_ms:.1f}", f"{money:.1f}"])
    head = ["function", "invocations", "calls", "writes", "reads", "SQS", "CPU ms", "µ$"]
    return _table(head, rows)


def _calls(orders: Orders) -> str:
    count = len(orders.taken)
    found = sorted(orders.calls().items())
    rows = [[name, f"{number / count:.1f}"] for name, number in found if number / count >= RARE]
    return _table(["call (✗ refused)", "per order"], rows)


def _history(figures: Figures) -> str:
    names = {"calls": "AWS calls", "write_units": "write units", "read_units": "read units"}
    rows = [
        [what, _spread(figures.orders, count), _spread(figures.later, count)]
        for count, what in names.items()
    ]
    rows.append(["own CPU ms", _cpu(figures.orders), _cpu(figures.later)])
    table = _table(["per order: median (least – most)", "100 orders", "10,000 orders"], rows)
    return (
        f"{table}\n\nThe history is {figures.rows_each} rows for each order, copied from one that "
        "the functions had finished, under other keys and numbers, and written by `BatchWriteItem`"
        " straight into the tables; its event rows carry `wakes = 0` so that they wake nobody."
    )


def _cold(figures: Figures) -> str:
    rows = [
        [name, f"{median:.0f}", f"{best:.0f}"] for name, (median, best) in figures.imports.items()
    ]
    first = figures.first.usage
    return (
        _table(["import CPU ms of a fresh process", "median", "best"], rows)
        + f"\n\nThe functions' zip has {figures.zip_mb:.2f} MB, the layer of the documents "
        f"function {figures.layer_mb:.2f} MB. The first order of a new house, through cold "
        f"functions with empty caches, makes {first.calls:.0f} AWS calls and takes "
        f"{first.cpu_ms:.0f} ms of CPU in all functions together, imports included."
    )


def _idle(figures: Figures) -> str:
    rows = [[line, f"{usd:.2f}"] for line, usd in figures.idle.items()]
    rows.append(["**together**", f"**{sum(figures.idle.values()):.2f}**"])
    return (
        _table(["$ a month, one merchant, no order", "list price"], rows)
        + "\n\nThe dashboard is free as long as the account has no more than three; a fourth is"
        " 3 $. Storage is not in this list, because it grows with orders."
    )


def flash(sales: Flash) -> str:
    """Return what became of many orders that came at once."""
    rows = [
        [what, *(_median(measure, some) for some in (sales.hot, sales.cold))]
        for what, measure in SALES.items()
    ]
    head = [f"{ORDERS} orders at once, median of {ROUNDS}", "one SKU", f"{ORDERS} SKUs"]
    return _table(head, rows) + (
        f"\n\nOf the one SKU {UNITS} units are there. The orders lie accepted in their table, "
        "their wake-ups in the stock queue of the deployed house, and nothing but the stock "
        "function runs: webhooks, intake and router are not in these figures. A transaction keeps "
        f"its rows for {TRANSACTION_MS} ms here, and who writes to one of them meanwhile is "
        "refused, as on AWS; the engine runs two functions side by side. Orders per second are "
        "this machine's."
    )


def numbers(found: Series) -> str:
    """Return how fast one series gives numbers."""
    return (
        f"One drawer that never rests gives {found.per_second:.0f} numbers a second, 45 in a "
        f"transaction with their frozen facts. Five side by side, which rest {RENDERING:g} s "
        f"after each batch as if they rendered it, are refused {found.conflicts():.4f} times for "
        f"each of {found.invoices} invoices; {found.gaps} numbers are missing or given twice. A "
        "transaction keeps its rows for 10 ms, and who comes in between is refused, as on AWS."
    )


def catalogue(found: Catalogue) -> str:
    """Return how long a file of products takes."""
    return (
        f"{ROWS:,} new products with their units come in from a CSV file in {found.seconds:.0f} s"
        f" ({ROWS / found.seconds:.0f} a second), every row looked at before the first is written;"
        f" the job told of {found.looks} steps on its way. Movements, marks of low stock and word"
        " to waiting orders follow from the stream meanwhile, on this machine's engine."
    )


def bank(speed: Speed, made: Confusion) -> str:
    """Return how long a statement takes, and what became of a month's payments."""
    rows = [[one, *(str(made.of(outcome, one)) for outcome in OUTCOMES)] for one in TRUE_CLASSES]
    return (
        f"A camt.053 of {speed.entries:,} entries against {speed.orders:,} open orders is read, "
        f"matched and booked in {speed.seconds:.1f} s ({speed.matched:,} booked by themselves), "
        f"with {speed.calls / speed.entries:.2f} AWS calls and {speed.cpu_ms / speed.entries:.2f} "
        f"ms of own CPU an entry; the function had at most {speed.most_mb:.0f} MB. The job told of "
        f"{speed.looks} steps on its way. Only the lists of orders that are not over are read, so "
        "orders that are paid cost nothing. The streams are off meanwhile: what a payment causes "
        "in router and steps is not in these figures.\n\n"
        "What the matching makes of a month that is made up (`bench/bank_month.py`, fixed seed, "
        f"2,000 orders): {made.automatic():.1f} of 100 customers' payments are booked by "
        f"themselves, {made.wrong()} wrongly.\n\n"
        + _table(["transactions, by what they truly are", *OUTCOMES], rows)
    )


def _median(measure: Callable[[Sale], float], sales: list[Sale]) -> str:
    found = statistics.median(measure(sale) for sale in sales)
    return f"{found:.0f}" if found == int(found) else f"{found:.3g}"


def _pace(figures: Figures) -> str:
    return (
        f"{figures.per_second:.2f} orders a second from the first webhook to the last mail: "
        f"{figures.many} orders of {figures.clients} clients, all arriving first and then all "
        "paid. Engine, functions and clients share this machine; it says nothing about AWS.\n\n"
        "Peers on one core of another machine, for the same order: django-oscar 65 ms of CPU "
        "without invoice and PDF, Vendure 250 – 270 ms without them, Tryton 2,600 ms with the "
        f"invoice; here our own code took {figures.orders.cpu():.0f} ms with invoice, delivery "
        "note, label and three mails. The engine that stands for AWS is not counted here, while "
        "the peers' figures contain their database."
    )
