case config
in {db: {user: String => name, port:}} if port > 0
  connect name, port
in [Integer, *rest] | nil unless rest
  rest
in ^expected | 1..5
  true
end
config => {host:}
puts(host) if config in {tls: true}
text = <<-A + <<~'B' + <<~C
  x #{1}
  A
  raw #{no}\n
B
	tab
	  deeper

	#{text}\tz
C
