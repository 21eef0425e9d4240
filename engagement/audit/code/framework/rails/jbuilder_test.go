package rails

import (
	"slices"
	"testing"
)

func TestJbuilder(t *testing.T) {
	const author = "relation author from posts_controller.rb:3 at index.json.jbuilder:2"
	for _, c := range []struct {
		name, query, view string
		more              []string
		want              []string
	}{
		{"a named list", "@posts = Post.recent", "json.posts @posts do |post|\n  json.by post.author.name\nend\n", nil, []string{author}},
		{"array!", "@posts = Post.recent", "json.array! @posts do |post|\n  json.by post.author.name\nend\n", nil, []string{author}},
		{"set!", "@posts = Post.recent", "json.set! :posts, @posts do |post|\n  json.by post.author.name\nend\n", nil, []string{author}},
		{"preloaded", "@posts = Post.recent.includes(:author)", "json.posts @posts do |post|\n  json.by post.author.name\nend\n", nil, nil},
		{"one row", "@post = Post.find(1)", "json.post @post do |post|\n  json.by post.author.name\nend\n", nil, nil},
		{"nested", "@posts = Post.includes(:comments)", "json.posts(@posts) { |post| json.comments(post.comments) { |x|\n json.by x.user.title } }\n", nil,
			[]string{"relation comments.user from posts_controller.rb:3 at index.json.jbuilder:2"}},
		{"attributes that are methods", "@posts = Post.recent", "json.array! @posts, :id, :byline\n", nil, []string{"relation author from posts_controller.rb:3 at post.rb:13"}},
		{"extracted", "@posts = Post.recent", "json.array! @posts do |post|\n json.extract! post, :byline\nend\n", nil, []string{"relation author from posts_controller.rb:3 at post.rb:13"}},
		{"called", "@posts = Post.recent", "json.array! @posts do |post|\n json.(post, :byline)\nend\n", nil, []string{"relation author from posts_controller.rb:3 at post.rb:13"}},
		{"a partial for each", "@posts = Post.recent", "json.array! @posts, partial: 'posts/post', as: :post\n", []string{"app/views/posts/_post.json.jbuilder", "json.id post.id\njson.by post.author.name\n"},
			[]string{"relation author from posts_controller.rb:3 at _post.json.jbuilder:2"}},
		{"partial! with a collection", "@posts = Post.recent", "json.partial! 'posts/post', collection: @posts, as: :post\n", []string{"app/views/posts/_post.json.jbuilder", "json.by post.author.name\n"},
			[]string{"relation author from posts_controller.rb:3 at _post.json.jbuilder:1"}},
		{"partial! in a block", "@posts = Post.recent", "json.posts @posts do |p|\n json.partial! 'posts/post', post: p\nend\n", []string{"app/views/posts/_post.json.jbuilder", "json.by post.author.name\n"},
			[]string{"relation author from posts_controller.rb:3 at _post.json.jbuilder:1"}},
		{"an object around the list", "@posts = Post.recent", "json.data do\n json.posts(@posts) { |p| json.by p.author.name }\nend\n", nil, []string{author}},
		{"plain attributes", "@posts = Post.recent", "json.posts @posts, :id, :created_at\n", nil, nil},
	} {
		files := with(action(c.query, ""), append([]string{"app/views/posts/index.json.jbuilder", c.view}, c.more...)...)
		if got := met(t, files); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
