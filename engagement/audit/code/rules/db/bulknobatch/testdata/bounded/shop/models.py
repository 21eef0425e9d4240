from django.db import models


class Shop(models.Model):
    name = models.CharField(max_length=80)


class Order(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    ends_on = models.DateField()
    active = models.BooleanField(default=True)
    total = models.IntegerField()


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    amount = models.IntegerField()


class ReceiptManager(models.Manager):
    def store(self, rows):
        made = self.bulk_create(rows)  # nothing is queried: the callers bring the rows
        for row in made:
            row.stored = True
        self.bulk_update(made, ["stored"])
        return made


class Receipt(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    stored = models.BooleanField(default=False)

    objects = ReceiptManager()
