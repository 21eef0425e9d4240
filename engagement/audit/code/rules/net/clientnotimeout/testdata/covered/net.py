import socket
import requests

socket.setdefaulttimeout(20)


def get(url):
    return requests.get(url)
