from django.db import models


class Order(models.Model):
    paid = models.BooleanField()
    total = models.IntegerField()
    shop = models.ForeignKey("Shop", on_delete=models.CASCADE)


class Shop(models.Model):
    name = models.CharField(max_length=80)


class Receipt(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)


def totals():
    orders = []
    for order in Order.objects.all():
        order.total = 1
        orders.append(order)
    Order.objects.bulk_update(orders, ["total"])  # want: db.bulk-no-batch


def receipts():
    Receipt.objects.bulk_create([Receipt(order=o) for o in Order.objects.all()])  # want: db.bulk-no-batch


def fine(shop, lines):
    Receipt.objects.bulk_create([Receipt(order=o) for o in Order.objects.filter(shop=shop)])
    Receipt.objects.bulk_create([Receipt(order=o) for o in Order.objects.all()], batch_size=500)
    Receipt.objects.bulk_create([Receipt(order=o) for o in lines])
    Receipt.objects.bulk_create([Receipt(order=o) for o in Order.objects.all()[:10]])
