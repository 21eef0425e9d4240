DATABASES = {  # want: db.no-statement-timeout
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"},
}
