from django.core.management.base import BaseCommand

from shop.models import Visit


class Command(BaseCommand):
    def handle(self, *args, **options):
        Visit.objects.filter(seen_at__lt=options["before"]).delete()  # want: db.unbatched-mutation
