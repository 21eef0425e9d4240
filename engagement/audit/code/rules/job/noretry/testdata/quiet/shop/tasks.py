import requests
from celery import shared_task


@shared_task(autoretry_for=(requests.RequestException,), max_retries=5)
def push(url, body):
    requests.post(url, json=body, timeout=5)


@shared_task
def careful(url):
    try:
        requests.post(url, timeout=5)
    except requests.RequestException:
        remember(url)


@shared_task(bind=True)
def own(self, url):
    answer = requests.get(url, timeout=5)
    if answer.status_code > 499:
        raise self.retry(countdown=10)


def not_a_task(url):
    requests.get(url, timeout=5)
