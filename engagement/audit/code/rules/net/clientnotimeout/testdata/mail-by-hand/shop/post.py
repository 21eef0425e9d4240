from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend


def post(account, subject, text, to):
    backend = EmailBackend(host=account.host, port=account.port, timeout=5)
    EmailMultiAlternatives(subject, text, account.sender, [to], connection=backend).send()
