package laravel

import (
	"context"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

// A page that asks each kind of module for its own data runs each arm once.
func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"an arm per kind", `foreach ($user->modules as $module) { if ($module->type == Module::NOTES) { $data = Notes::of($user); } }`, 0},
		{"a match", `foreach ($user->modules as $module) { $data = match ($module->type) { Module::NOTES => Notes::of($user), default => null }; }`, 0},
		{"by the module itself", `foreach ($user->modules as $module) { if ($module->type == Module::NOTES) { $data = Post::where('module_id', $module->id)->get(); } }`, 1},
		{"a private method behind a cache", `foreach ($user->modules as $module) { $data = Notes::cached($module->id); }`, 0},
		{"the token that fits", `foreach ($user->tokens as $token) { if ($token->fits()) { Post::where('token', $token->id)->delete(); return true; } }`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{
				"app/Helpers/Notes.php":                   "<?php\nnamespace App\\Helpers;\nuse App\\Models\\Post;\nuse Illuminate\\Support\\Facades\\Cache;\nclass Notes {\n    public static function of($user) { return Post::where('user_id', $user->id)->get(); }\n    public static function cached($id) { return Cache::remember('k' . $id, 60, fn () => self::fresh($id)); }\n    private static function fresh($id) { return Post::where('user_id', $id)->get(); }\n}\n",
				"app/Http/Controllers/PageController.php": "<?php\nnamespace App\\Http\\Controllers;\nuse App\\Helpers\\Notes;\nuse App\\Models\\Post;\nclass PageController {\n    public function show($user) {\n        " + c.body + "\n    }\n}\n",
			}
			for p, s := range models {
				files[p] = s
			}
			r := flow.Analyze(context.Background(), load.FromFiles(files), []flow.Framework{New()})
			n := 0
			for _, l := range r.Loads {
				if l.Kind != flow.LoadRelation {
					n++
				}
			}
			if n != c.want {
				t.Errorf("%d loads, want %d: %v", n, c.want, r.Loads)
			}
		})
	}
}

func TestSchedule(t *testing.T) {
	r := flow.Analyze(context.Background(), load.FromFiles(map[string]string{
		"app/Models/User.php":                           models["app/Models/User.php"],
		"routes/console.php":                            "<?php\nuse App\\Jobs\\Remind;\nSchedule::job(new Remind)->everyMinute();\nSchedule::command('clean:logs --all')->onOneServer()->daily();\n",
		"app/Jobs/Remind.php":                           "<?php\nnamespace App\\Jobs;\nclass Remind implements ShouldQueue { public function handle() {} }\n",
		"app/Jobs/Once.php":                             "<?php\nnamespace App\\Jobs;\nclass Once implements ShouldQueue { public function handle() {} }\n",
		"app/Console/Commands/Clean.php":                "<?php\nnamespace App\\Console\\Commands;\nclass Clean extends Command { protected $signature = 'clean:logs {--all}'; public function handle() {} }\n",
		"app/Console/Commands/Rebuild.php":              "<?php\nnamespace App\\Console\\Commands;\nclass Rebuild extends Command { protected $signature = 'rebuild'; public function handle() {} }\n",
		"app/Console/Commands/Dummy.php":                "<?php\nnamespace App\\Console\\Commands;\nclass SetupDummyAccount extends Command { protected $signature = 'dummy'; public function handle() {} }\n",
		"app/Http/Controllers/Admin/NodeController.php": "<?php\nnamespace App\\Http\\Controllers\\Admin;\nclass NodeController { public function index() {} }\n",
		"app/Http/Controllers/PostController.php":       "<?php\nnamespace App\\Http\\Controllers;\nclass PostController { public function index() {}\n public function store() {} }\n",
	}), []flow.Framework{New()})
	for name, want := range map[string]struct {
		class  flow.EntryClass
		period time.Duration
	}{
		"job Remind":             {flow.EntryTask, time.Minute},
		"job Once":               {flow.EntryTask, 0},
		"task Clean":             {flow.EntryTask, 24 * time.Hour},
		"task Rebuild":           {flow.EntryCommand, 0},
		"task SetupDummyAccount": {flow.EntrySeed, 0},
		"NodeController@index":   {flow.EntryAdmin, 0},
		"PostController@index":   {flow.EntryRead, 0},
		"PostController@store":   {flow.EntryWrite, 0},
	} {
		e, ok := r.EntryOf(name)
		if !ok || e.Class != want.class || e.Period != want.period {
			t.Errorf("%s: class %q, period %s, known %v; want %q, %s", name, e.Class, e.Period, ok, want.class, want.period)
		}
	}
}

// A preload is never nested behind a polymorphic relation: the next one need not exist on all its models.
func TestEagerCallStopsAtMorphTo(t *testing.T) {
	files := map[string]string{
		"app/Models/Item.php":  "<?php\nnamespace App\\Models;\nuse Illuminate\\Database\\Eloquent\\Model;\nclass Item extends Model { public function subject() { return $this->morphTo(); } }\n",
		"app/Models/Label.php": "<?php\nnamespace App\\Models;\nuse Illuminate\\Database\\Eloquent\\Model;\nclass Label extends Model { public function item() { return $this->morphOne(Item::class, 'subject'); } }\n",
	}
	ix := flow.Analyze(context.Background(), load.FromFiles(files), []flow.Framework{New()}).Index
	item := ix.Models["Item"]
	if !ix.Writable(item, "subject") || ix.Writable(item, "subject.kind") {
		t.Errorf("subject %v, subject.kind %v; want only the first", ix.Writable(item, "subject"), ix.Writable(item, "subject.kind"))
	}
}
