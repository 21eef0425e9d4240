from django.db.models import Q

from .models import Project


def one(user):
    return list(Project.objects.filter(Q(members__user_id=user.id) | Q(owner__name=user.name)).distinct())


def no_distinct(user):
    return Project.objects.filter(Q(members__user_id=user.id) | Q(invites__email=user.email)).exists()
