import time

import requests


def call(url):
    for attempt in range(5):
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(5)  # want: net.retry-no-jitter
