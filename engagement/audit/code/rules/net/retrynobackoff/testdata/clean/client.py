import time

import requests


def call(url):
    for attempt in range(5):
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(2**attempt)


def each(urls):
    for url in urls:
        try:
            requests.get(url, timeout=5)
        except requests.RequestException:
            continue
