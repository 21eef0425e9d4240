from django.db.models import Q

from .models import Project


def visible(user):
    return list(Project.objects.filter(Q(members__user_id=user.id) | Q(invites__email=user.email)).distinct())  # want: db.or-across-joins
