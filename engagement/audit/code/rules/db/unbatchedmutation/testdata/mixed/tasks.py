from shop.models import Session


def purge(user):
    Session.objects.filter(expires_at__lt=now()).delete()  # want: db.unbatched-mutation
    Session.objects.filter(user=user, expires_at__lt=now()).delete()
    Session.objects.filter(pk=3).delete()
