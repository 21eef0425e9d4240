from django.db import models


class VisibleManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(is_deleted=False)


class Vet(models.Model):
    name = models.TextField()
    is_deleted = models.BooleanField(default=False)

    objects = VisibleManager()

    class Meta:
        db_table = "farm_vet"

    def delete(self):
        self.is_deleted = True
        self.save()


def leave(vet):
    vet.delete()


class Stable(models.Model):
    name = models.TextField()
    is_deleted = models.BooleanField(default=False)

    objects = VisibleManager()

    class Meta:
        db_table = "farm_stable"


def raze(stable):
    stable.delete()
