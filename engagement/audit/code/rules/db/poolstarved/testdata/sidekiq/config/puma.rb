max = ENV.fetch("PUMA_THREADS", 16).to_i
threads 5, max # want: db.pool-starved
