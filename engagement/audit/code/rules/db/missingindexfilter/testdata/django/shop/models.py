from django.db import models


class Parcel(models.Model):
    label = models.CharField(max_length=40)
    weigher = models.CharField(max_length=40)
    barcode_token = models.CharField(max_length=40)
    removed_at = models.DateTimeField(null=True)
    number = models.UUIDField(primary_key=True)

    class Meta:
        ordering = ["label"]
