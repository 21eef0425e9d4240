import requests
from django.core.mail import send_mail
from django.db import transaction


@transaction.atomic
def pay(order):
    order.save()
    requests.post("https://hooks.example.com", json={"id": order.pk}, timeout=5)  # want: db.io-in-txn
    send_mail("Paid", "...", "a@example.com", [order.email])  # want: db.io-in-txn
