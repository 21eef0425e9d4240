workers = 4
timeout = 0  # want: net.server-no-timeout
