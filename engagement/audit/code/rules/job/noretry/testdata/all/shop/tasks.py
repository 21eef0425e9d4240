import requests
from celery import shared_task


@shared_task  # want: job.no-retry
def push(url, body):
    requests.post(url, json=body, timeout=5)
