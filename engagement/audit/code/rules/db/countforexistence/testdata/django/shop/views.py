from .models import Order


def summary(request):
    if Order.objects.filter(state="open").count() > 0:  # want: db.count-for-existence
        print("open")
    if Order.objects.filter(state="late").count() == 0:  # want: db.count-for-existence
        print("none late")
    if not Order.objects.filter(state="new").count():  # want: db.count-for-existence
        print("none new")
    total = Order.objects.filter(paid=True).count()
    if total > 0:
        print(total)
    if Order.objects.count() > 5:
        print("many")
