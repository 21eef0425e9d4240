from django.db import models


class User(models.Model):
    name = models.CharField(max_length=50)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="orders")
    state = models.CharField(max_length=20)
    paid = models.BooleanField(default=False)
