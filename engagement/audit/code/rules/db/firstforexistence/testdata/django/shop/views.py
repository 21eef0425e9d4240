from .models import Order


def check(request):
    if Order.objects.filter(state="open").first() is not None:  # want: db.first-for-existence
        print("open")
    if not Order.objects.filter(state="late").first():  # want: db.first-for-existence
        print("none late")
    first = Order.objects.filter(state="new").first()
    if first is not None:
        print(first.state)
    return Order.objects.filter(state="x").first()
