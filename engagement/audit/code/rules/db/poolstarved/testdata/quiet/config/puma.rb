max = ENV.fetch("RAILS_MAX_THREADS", 5).to_i
threads max, max
