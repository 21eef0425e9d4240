from django.db import transaction

from .tasks import send_receipt


def pay(order, clock):
    with transaction.atomic():
        order.save()
        transaction.on_commit(lambda: send_receipt.delay(order.pk))
        send_receipt.apply_async(args=[order.pk], countdown=60)
        clock.delay(3)
    send_receipt.delay(order.pk)
