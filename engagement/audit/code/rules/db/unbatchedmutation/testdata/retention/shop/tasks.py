from celery import shared_task

from .models import Change, RowKind, Visit


@shared_task
def prune(cutoff, keep):
    old = Change.objects.filter(time__lt=cutoff)
    if keep:
        old = old.exclude(pk__in=Change.objects.filter(kind="create").values("pk"))
    old.delete()  # want: db.unbatched-mutation
    old = Change.objects.filter(kind="create")
    old.delete()
    Visit.objects.filter(seen_at__lt=cutoff).delete()  # want: db.unbatched-mutation
    RowKind.objects.filter(updated__lt=cutoff).delete()
    mine = Visit.objects.filter(user=keep, seen_at__lt=cutoff)
    mine.delete()
