Gem::Specification.new do |s|
  s.name = "shop"
  s.add_dependency "rails"
end
