max = ENV.fetch("RAILS_MAX_THREADS", 5).to_i
threads max, max
workers ENV.fetch("WEB_CONCURRENCY", 2).to_i
