import smtplib

import MySQLdb
import psycopg2
import redis
import requests
import requests as rq
from cassandra.cluster import Cluster
from requests import Session
from urllib.request import urlopen

cache = redis.Redis(host="cache")  # want: net.client-no-timeout
bounded = redis.Redis(host="cache", socket_timeout=2)
pooled = redis.Redis(connection_pool=pool)


class Api:
    def __init__(self):
        self.session = Session()

    def fetch(self, url):
        self.session.get(url)  # want: net.client-no-timeout
        self.session.get(url, timeout=5)
        return requests.post(  # want: net.client-no-timeout
            url,
            json={"a": 1},
        )


def positional(url):
    return urlopen(url, None, 10)


def infinite(url):
    return rq.get(url, timeout=None)  # want: net.client-no-timeout


def passed_on(url, **kwargs):
    return requests.get(url, **kwargs)


def completed(url, **kwargs):
    kwargs.setdefault("timeout", 10)
    return requests.get(url, **kwargs)


def literal(url):
    params = {"headers": {}}
    return requests.get(url, **params)  # want: net.client-no-timeout


def connect(conf):
    MySQLdb.connect(host=conf.host, user=conf.user)  # want: net.client-no-timeout
    MySQLdb.connect(host=conf.host, connect_timeout=10)
    psycopg2.connect("host=db connect_timeout=5")
    psycopg2.connect(dsn)


def mail():
    return smtplib.SMTP("mail", 25)  # want: net.client-no-timeout


def rows(query):
    session = Cluster(["a"]).connect()
    return session.execute(query)  # want: net.client-no-timeout


def bounded_rows(query):
    session = Cluster(["a"]).connect()
    session.default_timeout = 5
    return session.execute(query)


def other(client):
    client.get("x")
    get("x")
