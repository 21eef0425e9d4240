DEBUG = False
EMAIL_HOST = "mail"
