from django.db.models import Exists

from shop.models import Parcel

LOST = "lost"


def by_token(token):
    return Parcel.objects.filter(barcode_token=token).first()  # want: db.missing-index-filter


def by_number(number):
    return Parcel.objects.get(number=number)


def with_more(label, **more):
    return list(Parcel.objects.filter(label=label, **more))


def with_boxes(label, boxes):
    return list(Parcel.objects.filter(Exists(boxes), label=label))


def one_kind():
    return list(Parcel.objects.filter(weigher=LOST))


def living():
    return list(Parcel.objects.filter(removed_at__isnull=True))
