from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver


class Shelf(models.Model):
    name = models.CharField(max_length=100)
    books = models.IntegerField(default=0)


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="stock")
    lent = models.BooleanField(default=False)


class Loan(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        Shelf.objects.filter(pk=self.book.shelf_id).update(books=models.F("books") - 1)


class Reader(models.Model):
    name = models.CharField(max_length=100)


@receiver(post_save, sender=Reader)
def welcome(sender, instance, **kwargs):
    pass
