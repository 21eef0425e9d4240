import requests
from django.db import transaction


def pay(order):
    with transaction.atomic():
        order.save()
        transaction.on_commit(lambda: requests.post("https://hooks.example.com", timeout=5))
    requests.post("https://hooks.example.com", timeout=5)
