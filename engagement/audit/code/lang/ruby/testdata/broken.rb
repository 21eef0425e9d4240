class A
  def fine
    User.where(id: 1).each { |u| u.posts.first }
  end

  def broken(
    foo.bar(1,
  end

  def after
    Post.find(2)
