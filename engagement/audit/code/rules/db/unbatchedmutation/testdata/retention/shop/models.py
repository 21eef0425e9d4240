from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver


class Change(models.Model):
    time = models.DateTimeField()
    kind = models.CharField(max_length=10)


class Visit(models.Model):
    seen_at = models.DateTimeField()


class RowKind(models.Model):
    updated = models.DateTimeField()


@receiver(pre_delete, sender=Change)
def forget(sender, instance, **kwargs):
    pass
