package rails

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

// blog is the application that the cases below add a controller, a view or a task to.
var blog = map[string]string{
	"app/models/post.rb": `class Post < ApplicationRecord
  belongs_to :author, class_name: "User"
  belongs_to :parent, class_name: "Post"
  has_many :comments
  has_many :commenters, through: :comments, source: :user
  has_one :cover
  has_one_attached :image
  belongs_to :subject, polymorphic: true
  scope :recent, ->(n = 20) { order(created_at: :desc).limit(n) }
  delegate :name, to: :author, prefix: true
  validates :author, presence: true
  after_save :touch_cover, if: :cover_changed?
  def byline = "by #{author.name}"
  def popular? = comments.where(hidden: false).exists?
  def touch_cover = cover.touch
  def root_post = parent ? parent.root_post : self
  def self.visible = where(hidden: false)
  def self.newest(limit) = visible.recent(limit)
  def as_json(*) = { title: title, author: author.name }
end
`,
	"app/models/user.rb": `class User < ApplicationRecord
  has_many :posts, foreign_key: :author_id
  has_many :comments
  has_many :subjects, class_name: "Post", as: :subject
  has_one :profile
  delegate :motto, to: :profile
  def title_for(post) = post.author.name
end
`,
	"app/models/profile.rb": "class Profile < ApplicationRecord\n  belongs_to :user\n  delegate :motto, to: :user\nend\n",
	"app/models/comment.rb": "class Comment < ApplicationRecord\n  belongs_to :post\n  belongs_to :user\nend\n",
	"app/models/cover.rb":   "class Cover < ApplicationRecord\n  belongs_to :post\nend\n",
}

// met evaluates the blog with more files and returns its loads: kind, relation path and place.
func met(t *testing.T, files map[string]string) []string {
	t.Helper()
	all := map[string]string{}
	for k, v := range blog {
		all[k] = v
	}
	for k, v := range files {
		all[k] = v
	}
	r := flow.Analyze(context.Background(), load.FromFiles(all), []flow.Framework{New()})
	if r.Truncated {
		t.Error("the evaluation was cut off")
	}
	seen := map[string]bool{}
	var out []string
	for _, l := range r.Loads {
		kind := [...]string{"relation", "query", "aggregate", "write"}[l.Kind]
		root := "-"
		if l.Root != nil {
			s := l.Root.Site()
			root = fmt.Sprintf("%s:%d", s.File.Path[strings.LastIndexByte(s.File.Path, '/')+1:], s.Node.Line())
		}
		text := fmt.Sprintf("%s %s from %s at %s:%d", kind, l.Path, root, l.Site.File.Path[strings.LastIndexByte(l.Site.File.Path, '/')+1:], l.Site.Node.Line())
		if !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	sort.Strings(out)
	return out
}

// action is a controller with one action, and its view when view is not empty.
func action(body, view string) map[string]string {
	files := map[string]string{"app/controllers/posts_controller.rb": "class PostsController < ApplicationController\n  def index\n" + body + "\n  end\nend\n"}
	if view != "" {
		files["app/views/posts/index.html.erb"] = view
	}
	return files
}

func with(files map[string]string, more ...string) map[string]string {
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	return files
}

func TestLoads(t *testing.T) {
	each := "<% @posts.each do |post| %>\n<%= post.author.name %>\n<% end %>\n"
	cases := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"relation read in a view", action("@posts = Post.recent", each), []string{"relation author from posts_controller.rb:3 at index.html.erb:2"}},
		{"preloaded", action("@posts = Post.recent.includes(:author)", each), nil},
		{"preloaded under another call", action("@posts = Post.includes(:author).recent(5).where(x: 1)", each), nil},
		{"read by a method of the model", action("@posts = Post.all", "<% @posts.each do |p| %><%= p.byline %><% end %>"), []string{"relation author from posts_controller.rb:3 at post.rb:13"}},
		{"delegated", action("@posts = Post.all", "<% @posts.each do |p| %><%= p.author_name %><% end %>"), []string{"relation author from posts_controller.rb:3 at index.html.erb:1"}},
		{"a partial's local", with(action("@posts = Post.all", "<% @posts.each do |p| %><%= render 'row', post: p %><% end %>"), "app/views/posts/_row.html.erb", "<%= post.author.name %>\n"), []string{"relation author from posts_controller.rb:3 at _row.html.erb:1"}},
		{"a collection's partial", with(action("@posts = Post.all", "<%= render @posts %>"), "app/views/posts/_post.html.erb", "<%= post.cover.url %>\n"), []string{"relation cover from posts_controller.rb:3 at _post.html.erb:1"}},
		{"rendered as JSON", action("render json: Post.newest(10)", ""), []string{"relation author from posts_controller.rb:3 at post.rb:19"}},
		{"a class method on an association", action("render json: User.find(params[:id]).posts.newest(3).includes(:author)", ""), nil},
		{"a predicate with a query", action("@posts = Post.all", "<% @posts.each do |p| %><%= p.popular? %><% end %>"), []string{"aggregate comments from posts_controller.rb:3 at post.rb:14"}},
		{"count on a preloaded relation asks all the same", action("@posts = Post.includes(:comments)", "<% @posts.each do |p| %><%= p.comments.count %><% end %>"), []string{"aggregate comments from posts_controller.rb:3 at index.html.erb:1"}},
		{"size on a preloaded relation", action("@posts = Post.includes(:comments)", "<% @posts.each do |p| %><%= p.comments.size %><% end %>"), nil},
		{"size on a relation", action("@posts = Post.all", "<% @posts.each do |p| %><%= p.comments.size %><% end %>"), []string{"relation comments from posts_controller.rb:3 at index.html.erb:1"}},
		{"collected in a list and walked later", action("@rows = []\nPost.all.each { |p| @rows << p }", "<% @rows.each do |p| %><%= p.author.name %><% end %>"), []string{"relation author from posts_controller.rb:4 at index.html.erb:1"}},
		{"grouped and taken in a while loop", action("@by = Post.all.group_by(&:parent_id)", "<% list = @by[nil] %>\n<% while (p = list.shift) %>\n<%= p.author.name %>\n<% end %>"), []string{"relation author from posts_controller.rb:3 at index.html.erb:3"}},
		{"looked up in a loop", action("@users = User.all.index_by(&:id)\n@posts = Post.all", "<% @posts.each do |p| %><%= @users[p.author_id].profile %><% end %>"), []string{"relation profile from posts_controller.rb:3 at index.html.erb:1"}},
		{"the last of a list that is walked", action("@posts = Post.all", "<% @posts.each do |p| %><%= p == @posts.last ? '' : ',' %><% end %>"), nil},
		{"the row that led here", action("@user = User.find(params[:id])", "<% @user.posts.each do |p| %><%= p.author.name %><% end %>"), nil},
		{"up a tree", action("@posts = Post.includes(:parent)", "<% @posts.each do |p| %><%= p.root_post %><% end %>"), nil},
		{"two models that forward one word to each other", action("@users = User.includes(:profile)", "<% @users.each do |u| %><%= u.motto %><% end %>"), []string{}},
		{"rows given to the preloader", action("@posts = Post.all\n    ActiveRecord::Associations::Preloader.new(records: @posts, associations: [:author]).call", "<% @posts.each do |p| %><%= p.author.name %><% end %>"), nil},
		{"the far side of a polymorphic relation", action("@posts = Post.includes(:subject)", "<% @posts.each do |p| %><%= p.subject.profile.name %><% end %>"), []string{"relation subject.profile from posts_controller.rb:3 at index.html.erb:1"}},
		{"a polymorphic row narrowed by its class", action("@posts = Post.includes(:subject)", "<% @posts.each do |p| %>\n<% case p.subject %>\n<% when User %>\n<% s = p.subject %>\n<%= s.comments.size %>\n<% end %>\n<% end %>"), []string{"relation subject.comments from posts_controller.rb:3 at index.html.erb:5"}},
		{"an attachment", action("@posts = Post.all", "<% @posts.each do |p| %><%= p.image.url %><% end %>"), []string{"relation image_attachment from posts_controller.rb:3 at index.html.erb:1"}},
		{"an attachment preloaded", action("@posts = Post.with_attached_image", "<% @posts.each do |p| %><%= p.image.url %><% end %>"), nil},
		{"one row has no rows", action("@post = Post.find(params[:id])\n@name = @post.author.name", ""), nil},
		{"three rows are few", action("@posts = Post.limit(3)", each), nil},
		{"a list in the code is no list of rows", action("@counts = %w[a b c d e].map { |s| Post.where(state: s).count }", ""), nil},
		{"a constant is no list of rows", action("@counts = Post::STATES.map { |s| Post.where(state: s).count }", ""), nil},
		{"a Blueprinter class", with(action("render json: PostBlueprint.render(Post.all, view: :full)", ""), "app/blueprints/post_blueprint.rb", "class PostBlueprint < Blueprinter::Base\n  fields :title\n  field(:cover) { |post, _| post.cover.url }\n  view :full do\n    association :author, blueprint: UserBlueprint\n  end\n  view :other do\n    association :comments, blueprint: X\n  end\nend\n", "app/blueprints/user_blueprint.rb", "class UserBlueprint < Blueprinter::Base\n  association :profile, blueprint: X\nend\n"),
			[]string{"relation author from posts_controller.rb:3 at posts_controller.rb:3", "relation author.profile from posts_controller.rb:3 at posts_controller.rb:3", "relation cover from posts_controller.rb:3 at post_blueprint.rb:3"}},
		{"an active model serializer", with(action("render json: Post.includes(:cover)", ""), "app/models/post.rb", "class Post < ApplicationRecord\n  belongs_to :author\n  has_one :cover\nend\n", "app/serializers/post_serializer.rb", "class PostSerializer < ActiveModel::Serializer\n  attributes :id, :cover_url\n  def cover_url = object.cover.url\n  def x = object.author\n  attribute :y do |post|\n    post.author.name\n  end\nend\n", "app/models/author.rb", "class Author < ApplicationRecord\nend\n"),
			[]string{"relation author from posts_controller.rb:3 at post_serializer.rb:6"}},
		{"attempts are no rows", map[string]string{"app/models/code.rb": "class Code < ApplicationRecord\n  def pick\n    10.times do\n      return unless Code.exists?(value: rand)\n    end\n  end\nend\n"}, nil},
		{"a query in a loop", map[string]string{"app/jobs/sync_job.rb": "class SyncJob < ApplicationJob\n  def perform(names)\n    names.each do |n|\n      Post.find_by(title: n)\n    end\n  end\nend\n"}, []string{"query  from - at sync_job.rb:4"}},
		{"memoized once", map[string]string{"app/jobs/sync_job.rb": "class SyncJob < ApplicationJob\n  def perform(names)\n    names.each do |n|\n      @all ||= Post.where(x: 1).to_a\n    end\n  end\nend\n"}, nil},
		{"saving rows reads what is validated", map[string]string{"app/jobs/sync_job.rb": "class SyncJob < ApplicationJob\n  def perform\n    Post.find_each do |p|\n      p.update!(x: 1)\n    end\n  end\nend\n"}, []string{"relation author from sync_job.rb:3 at sync_job.rb:4", "write  from sync_job.rb:3 at sync_job.rb:4"}},
		{"a write in a method called per row", map[string]string{"app/jobs/sync_job.rb": "class SyncJob < ApplicationJob\n  def perform\n    Cover.find_each { |c| mark(c) }\n  end\n  def mark(cover)\n    cover.update!(x: 1)\n  end\nend\n"}, []string{"write  from sync_job.rb:3 at sync_job.rb:6"}},
		{"update_columns goes around callbacks", map[string]string{"app/jobs/sync_job.rb": "class SyncJob < ApplicationJob\n  def perform\n    Post.find_each do |p|\n      p.update_columns(x: 1)\n    end\n  end\nend\n"}, []string{"write  from sync_job.rb:3 at sync_job.rb:4"}},
		{"a migration is no code of the application", map[string]string{"db/migrate/20200101000000_fill.rb": "class Fill < ActiveRecord::Migration[7.0]\n  class Post < ActiveRecord::Base\n  end\n  def up\n    Post.find_each { |p| p.update!(x: p.author.name) }\n  end\nend\n"}, nil},
		{"two queries behind one object", with(action("@a = Pager.new(Post.where(x: 1)).rows\n@b = Pager.new(Post.includes(:author)).rows", "<% @a.each do |p| %>\n<%= p.author.name %><% end %>\n<% @b.each do |p| %>\n<%= p.author.name %><% end %>"), "app/models/pager.rb", "class Pager\n  def initialize(scope)\n    @scope = scope\n  end\n  def rows\n    @scope.limit(20)\n  end\nend\n"), []string{"relation author from posts_controller.rb:3 at index.html.erb:2"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := met(t, c.files)
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

func TestExactClassNameWins(t *testing.T) {
	got := met(t, with(action("@posts = Post.all", "<% @posts.each do |p| %><%= p.author.name %><% end %>"),
		"app/admin/resources/post.rb", "class Admin::Resources::Post\n  def all = 1\nend\n"))
	if len(got) != 1 {
		t.Errorf("got %v, want one load of author", got)
	}
}
