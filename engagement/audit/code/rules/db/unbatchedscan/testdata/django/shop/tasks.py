from celery import shared_task

from .models import Order, User


@shared_task
def expire():
    for order in Order.objects.filter(state="open"):  # want: db.unbatched-scan
        order.cancel()
    for order in Order.objects.filter(state="late").iterator():
        order.cancel()
    for order in Order.objects.filter(state="late")[:100]:
        order.cancel()
    for order in Order.objects.filter(user_id=3):
        order.cancel()
    for user in User.objects.all():
        user.notify()
    names = [o.state for o in Order.objects.all()]
    return names
