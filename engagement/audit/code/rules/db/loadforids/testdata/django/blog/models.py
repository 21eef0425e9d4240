from django.db import models


class Post(models.Model):
    slug = models.CharField(max_length=80)
    body = models.TextField()
    draft = models.BooleanField()

    @property
    def title(self):
        return self.body[:80]
