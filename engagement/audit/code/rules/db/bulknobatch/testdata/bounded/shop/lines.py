from django.db.models import Exists, F, OuterRef

from .models import Line, Order, Receipt

ROWS_AT_ONCE = 100


def locked():
    return Line.objects.select_related("order").select_for_update()


def half(line):
    line.amount = line.amount // 2
    return line


def halve(lines):
    return [half(line) for line in lines]


def of_orders(order_ids):
    lines = list(locked().filter(order__in=order_ids))
    Line.objects.bulk_update(halve(lines), ["amount"])


def of_open_orders(order_ids):
    orders = Order.objects.filter(id__in=order_ids)
    lines = locked().filter(Exists(orders.filter(id=OuterRef("order_id"))), amount__gt=0)
    Line.objects.bulk_update(halve(lines), ["amount"])


def of_all():
    Line.objects.bulk_update(halve(locked()), ["amount"])  # want: db.bulk-no-batch


def repair():
    wrong = []
    for line in Line.objects.exclude(amount=F("order__total")):
        line.amount = 0
        wrong.append(line)
    Line.objects.bulk_update(wrong, ["amount"])


def receipts():
    rows = []
    for order in Order.objects.all():
        rows.append(Receipt(order=order))
        if len(rows) > ROWS_AT_ONCE:
            Receipt.objects.store(rows)
            rows = []
    Receipt.objects.bulk_create(rows)


def close(today):
    ended = Order.objects.filter(ends_on__lt=today, active=True)
    ids = list(ended.values_list("id", flat=True))
    ended.update(active=False)  # the next run meets what has ended since
    notes(ids)


def notes(ids):
    Receipt.objects.bulk_create([Receipt(order_id=i) for i in ids])
