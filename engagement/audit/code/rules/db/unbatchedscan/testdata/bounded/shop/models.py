from django.db import models


class User(models.Model):
    name = models.CharField(max_length=50)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="orders")
    code = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    paid = models.IntegerField()
    total = models.IntegerField()


class OrderKind(models.Model):
    user = models.ForeignKey("OrderStatus", on_delete=models.CASCADE)
    name = models.CharField(max_length=20)


class OrderStatus(models.Model):
    name = models.CharField(max_length=20)
