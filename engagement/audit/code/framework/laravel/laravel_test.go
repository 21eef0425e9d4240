package laravel

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

// models of a small blog: posts of users, comments on posts, tags and images.
var models = map[string]string{
	"app/Models/User.php": `<?php
namespace App\Models;
use Illuminate\Foundation\Auth\User as Authenticatable;
class User extends Authenticatable {
    public function posts() { return $this->hasMany(Post::class); }
    public function team() { return $this->belongsTo(Team::class); }
    public function isAdmin() { return $this->team->name === 'admin'; }
}`,
	"app/Models/Team.php": `<?php
namespace App\Models;
class Team extends BaseModel {
    public function members() { return $this->belongsToMany(User::class)->withPivot('role'); }
}`,
	"app/Models/BaseModel.php": `<?php
namespace App\Models;
use Illuminate\Database\Eloquent\Model;
abstract class BaseModel extends Model {}`,
	"app/Models/Post.php": `<?php
namespace App\Models;
use App\Models\User as Author;
use Illuminate\Database\Eloquent\Casts\Attribute;
use Illuminate\Database\Eloquent\Model;
class Post extends Model {
    use HasImages;
    protected $with = ['tags'];
    protected $appends = ['byline'];
    public function author() { return $this->belongsTo(Author::class, 'user_id')->withDefault(); }
    public function comments(): HasMany { return $this->hasMany(Comment::class)->orderBy('id'); }
    public function lastComment() { return $this->hasOne(Comment::class)->latestOfMany(); }
    public function tags() { return $this->belongsToMany(Tag::class); }
    public function scopePublished($query) { return $query->where('published', true); }
    public function scopeFull($query) { return $query->with('author'); }
    public function getBylineAttribute() { return 'by ' . $this->author->name; }
    protected function summary(): Attribute { return Attribute::make(get: fn () => $this->lastComment->body); }
}`,
	"app/Models/Concerns/HasImages.php": `<?php
namespace App\Models\Concerns;
trait HasImages { public function images() { return $this->morphMany(Image::class, 'imageable'); } }`,
	"app/Models/Comment.php": `<?php
namespace App\Models;
use Illuminate\Database\Eloquent\Model;
class Comment extends Model { public function post() { return $this->belongsTo(Post::class); } public function author() { return $this->belongsTo(User::class, 'user_id'); } }`,
	"app/Models/Tag.php":   "<?php\nnamespace App\\Models;\nclass Tag extends \\Illuminate\\Database\\Eloquent\\Model {}",
	"app/Models/Image.php": "<?php\nnamespace App\\Models;\nclass Image extends \\Illuminate\\Database\\Eloquent\\Model { public function imageable() { return $this->morphTo(); } }",
	"app/Policies/PostPolicy.php": `<?php
namespace App\Policies;
class PostPolicy { public function update(User $user, Post $post) { return $post->author->id === $user->id; } }`,
	"app/Http/Resources/PostResource.php": `<?php
namespace App\Http\Resources;
use Illuminate\Http\Resources\Json\JsonResource;
class PostResource extends JsonResource {
    public function toArray($request) {
        return ['id' => $this->id, 'author' => $this->author->name, 'comments' => $this->whenLoaded('comments'), 'n' => $this->total()];
    }
    private function total() { return $this->comments->count(); }
}`,
	"resources/views/posts/index.blade.php":     `@foreach ($posts as $post) <x-card :post="$post" /> @can('update', $post) edit @endcan @include('posts.tags') @endforeach`,
	"resources/views/posts/tags.blade.php":      `{{ $post->images->count() }}`,
	"resources/views/components/card.blade.php": `<b>{{ $post->summary }}</b>`,
}

func analyze(t *testing.T, files map[string]string) (*project.Project, *flow.Result, *Framework) {
	t.Helper()
	all := map[string]string{}
	for p, src := range models {
		all[p] = src
	}
	for p, src := range files {
		all[p] = src
	}
	p := load.FromFiles(all)
	fw := New()
	return p, flow.Analyze(context.Background(), p, []flow.Framework{fw}), fw
}

func loads(r *flow.Result, file string) []string {
	set := map[string]bool{}
	for _, l := range r.Loads {
		at := l.Site
		if l.Root != nil && len(l.Root.Sites) > 0 {
			at = l.Root.Sites[0]
		}
		near := at.File.Path == file || l.Site.File.Path == file || l.Loop != nil && l.Loop.Site.File.Path == file
		for _, s := range l.Trace {
			near = near || s.File.Path == file
		}
		if !near {
			continue
		}
		kind := [...]string{"relation", "query", "aggregate", "write"}[l.Kind]
		path := l.Path
		if l.Kind != flow.LoadRelation && l.Query != nil && l.Query.Model != nil {
			path = strings.TrimSuffix(l.Query.Model.Name+" "+path, " ")
		}
		set[kind+" "+path] = true
	}
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

func TestLoads(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       []string
	}{
		{"property in a loop", `foreach (Post::all() as $post) { echo $post->author->name; }`, []string{"relation author"}},
		{"keyed foreach", `foreach (Post::get() as $i => $post) { echo $post->author->name; }`, []string{"relation author"}},
		{"loaded with", `foreach (Post::with('author:id,name')->get() as $post) { echo $post->author->name; }`, nil},
		{"loaded by a closure", `foreach (Post::with(['comments' => fn ($q) => $q->with('author')])->get() as $p) { foreach ($p->comments as $c) { echo $c->author->name; } }`, nil},
		{"loaded later", `$posts = Post::all(); $posts->load('author'); foreach ($posts as $post) { echo $post->author->name; }`, nil},
		{"default with", `foreach (Post::all() as $post) { foreach ($post->tags as $t) { echo $t->name; } }`, nil},
		{"scope that loads", `foreach (Post::published()->full()->get() as $post) { echo $post->author->name; }`, nil},
		{"scope that does not", `foreach (Post::published()->get() as $post) { echo $post->author->name; }`, []string{"relation author"}},
		{"builder changed in place", `$q = Post::query(); $q->with('author'); foreach ($q->get() as $post) { echo $post->author->name; }`, nil},
		{"method of the row", `foreach (User::all() as $u) { if ($u->isAdmin()) { echo 1; } }`, []string{"relation team"}},
		{"old accessor", `foreach (Post::all() as $post) { echo $post->byline; }`, []string{"relation author"}},
		{"new accessor", `foreach (Post::all() as $post) { echo $post->summary; }`, []string{"relation lastComment"}},
		{"closure of a collection", `Post::all()->map(fn ($p) => $p->author->name);`, []string{"relation author"}},
		{"dotted pluck", `Post::all()->pluck('author.name');`, []string{"relation author"}},
		{"pluck of a query", `Post::query()->pluck('id');`, nil},
		{"count of the relation's query", `foreach (Post::all() as $post) { echo $post->comments()->count(); }`, []string{"aggregate Comment comments"}},
		{"withCount", `foreach (Post::withCount('comments')->get() as $post) { echo $post->comments_count; }`, nil},
		{"query of the relation", `foreach (Post::all() as $post) { $post->comments()->latest()->first(); }`, []string{"query Comment comments"}},
		{"find in a loop", `foreach (User::all() as $u) { Post::find($u->id); }`, []string{"query Post"}},
		{"save in a loop", `foreach (User::all() as $u) { $u->save(); }`, []string{"write User"}},
		{"chunks", `Post::chunkById(100, function ($posts) { foreach ($posts as $post) { echo $post->author->name; } });`, []string{"relation author"}},
		{"one row", `$post = Post::find(1); echo $post->author->name;`, nil},
		{"parent of a child", `$post = Post::find(1); foreach ($post->comments as $c) { echo $c->post->title; }`, []string{"relation comments.post"}},
		{"relations of one row", `$post = Post::find(1); foreach ($post->comments as $c) { echo $c->author->name; }`, []string{"relation comments.author"}},
		{"cached", `foreach (User::all() as $u) { Cache::remember('x', 60, fn () => Post::where('user_id', $u->id)->get()); }`, nil},
		{"rows of the query builder", `foreach (DB::table('posts')->get() as $row) { echo $row->author; }`, nil},
		{"small literal list", `foreach ([1, 2] as $id) { Post::find($id); }`, nil},
		{"resource", `return PostResource::collection(Post::paginate());`, []string{"relation author", "relation comments"}},
		{"resource with its relations", `return PostResource::collection(Post::with(['author', 'comments'])->paginate());`, nil},
		{"json of rows with appended accessors", `return response()->json(Post::all());`, []string{"relation author"}},
		{"trait and view", `$posts = Post::with('author')->paginate(); return view('posts.index', compact('posts'));`, []string{"relation images", "relation lastComment"}},
		{"view and policy", `return view('posts.index', ['posts' => Post::with('images', 'lastComment')->get()]);`, []string{"relation author"}},
		{"bound to the route", `foreach ($user->posts as $p) { echo $p->author->name; }`, []string{"relation posts.author"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := "app/Http/Controllers/TestController.php"
			src := "<?php\nnamespace App\\Http\\Controllers;\nuse App\\Models\\Post;\nuse App\\Models\\User;\nuse App\\Http\\Resources\\PostResource;\nclass TestController extends Controller {\n public function index(User $user) { " + tc.body + " }\n}\n"
			_, r, _ := analyze(t, map[string]string{file: src})
			if got := loads(r, file); fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("loads %v, want %v", got, tc.want)
			}
		})
	}
}

func TestSchema(t *testing.T) {
	p, r, fw := analyze(t, map[string]string{
		"artisan":      "",
		".env.example": "DB_CONNECTION=pgsql\n",
		"database/migrations/2020_01_01_000000_posts.php": `<?php
return new class extends Migration {
    public function up(): void {
        Schema::create('posts', function (Blueprint $table) {
            $table->id();
            $table->foreignId('user_id');
            $table->foreignId('team_id')->nullable()->constrained()->cascadeOnDelete();
            $table->string('slug', 80)->unique();
            $table->morphs('owner');
            $table->timestamps();
            $table->index(['user_id', 'created_at'], 'feed');
        });
        foreach (['old', 'older'] as $name) { Schema::create($name, function (Blueprint $table) { $table->id(); }); }
    }
    public function down(): void { Schema::drop('posts'); }
};`,
		"database/migrations/2021_01_01_000000_change.php": `<?php
class Change extends Migration {
    public function up() {
        Schema::table('posts', function (Blueprint $table) {
            $table->dropIndex('feed');
            $table->dropUnique(['slug']);
            $table->renameColumn('slug', 'path');
        });
        DB::statement('CREATE INDEX posts_path ON posts (path)');
        Schema::dropIfExists('older');
    }
}`,
	})
	dbs := fw.Schemas(p)
	if len(dbs) != 1 || dbs[0].Schema.Dialect != "postgresql" || len(dbs[0].Migrations) != 2 {
		t.Fatalf("databases %+v", dbs)
	}
	s := dbs[0].Schema
	if s.Table("older") != nil || s.Table("old") == nil {
		t.Error("a loop over names and dropIfExists are not read")
	}
	posts := s.Table("posts")
	if posts.HasIndexPrefix([]string{"user_id"}) || posts.HasIndexPrefix([]string{"team_id"}) {
		t.Error("foreignId and constrained make no index on PostgreSQL")
	}
	if !posts.HasIndexPrefix([]string{"owner_type", "owner_id"}) || !posts.HasIndexPrefix([]string{"path"}) {
		t.Errorf("indexes %v", posts.Indexes)
	}
	if len(posts.ForeignKeys) != 1 || posts.ForeignKeys[0].RefTable != "teams" || posts.ForeignKeys[0].OnDelete != "cascade" {
		t.Errorf("foreign keys %v", posts.ForeignKeys)
	}
	fw.CodeForeignKeys(r.Index, dbs)
	if len(posts.ForeignKeys) != 2 || posts.ForeignKeys[1].Columns[0] != "user_id" || posts.ForeignKeys[1].Enforced {
		t.Errorf("keys of the models %v", posts.ForeignKeys)
	}
}

func TestTableize(t *testing.T) {
	for class, want := range map[string]string{"User": "users", "BlogPost": "blog_posts", "Category": "categories", "S3Storage": "s3_storages", "Status": "statuses", "NewsFeedback": "news_feedback", "Person": "people"} {
		if got := Tableize(class); got != want {
			t.Errorf("%s is %s, want %s", class, got, want)
		}
	}
}
