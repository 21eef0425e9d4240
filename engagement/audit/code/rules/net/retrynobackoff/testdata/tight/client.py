import requests


def call(url):
    for attempt in range(5):
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:  # want: net.retry-no-backoff
            continue
