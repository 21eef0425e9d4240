from django.core.mail import send_mail


def welcome(user):
    send_mail("Welcome", "Hello", None, [user.email])
