from shop.models import Coupon


def redeem(user, code):
    if not Coupon.objects.filter(user=user, code=code).exists():  # want: db.race-check-then-act
        Coupon.objects.create(user=user, code=code)


def redeem_once(user, code):
    Coupon.objects.get_or_create(user=user, code=code)


def take(item):
    item.stock -= 1  # want: db.race-check-then-act
    item.save()


def label(item):
    item.title += "!"
    item.save()


def charge(card, amount):
    card.balance -= amount
    card.save()


def pay(pk, amount):
    with transaction.atomic():
        card = Card.objects.select_for_update().get(pk=pk)
        charge(card, amount)
