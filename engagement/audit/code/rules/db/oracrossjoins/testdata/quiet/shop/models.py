from django.db import models


class Owner(models.Model):
    name = models.TextField()


class Project(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)


class Member(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user_id = models.BigIntegerField()


class Invite(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invites")
    email = models.TextField()
