import requests
from celery import shared_task


@shared_task(bind=True)  # want: job.no-timeout
def notify(self, url):
    requests.post(url, json={})


@shared_task(time_limit=30)
def bounded(url):
    requests.post(url)


@shared_task
def timed(url):
    requests.post(url, timeout=5)
