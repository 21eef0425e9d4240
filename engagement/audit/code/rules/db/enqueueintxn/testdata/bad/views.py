from django.db import transaction

from .tasks import send_receipt


def pay(order):
    with transaction.atomic():
        order.save()
        send_receipt.delay(order.pk)  # want: db.enqueue-in-txn


@transaction.atomic
def pay_all(orders):
    for order in orders:
        order.save()
        send_receipt.apply_async(args=[order.pk])  # want: db.enqueue-in-txn


def archive(order):
    with transaction.atomic(using="archive"):
        order.save(using="archive")
        send_receipt.delay(order.pk)  # want: db.enqueue-in-txn
