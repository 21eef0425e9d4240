DEBUG = False
EMAIL_HOST = "mail"  # want: net.client-no-timeout
