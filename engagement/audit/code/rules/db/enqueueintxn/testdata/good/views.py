from django.db import transaction

from .tasks import send_receipt


def pay(order, clock):
    with transaction.atomic():
        order.save()
        transaction.on_commit(lambda: send_receipt.delay(order.pk))
        send_receipt.apply_async(args=[order.pk], countdown=60)
        clock.delay(3)
    send_receipt.delay(order.pk)


def resend(pks):
    with transaction.atomic(using=settings.REPLICA_ALIAS):
        missing = find_missing(pks)
        send_receipt.delay(missing)


def look(pks):
    with transaction.atomic():
        found = list(Order.objects.filter(pk__in=pks).select_for_update())
        send_receipt.delay([o.pk for o in found])
