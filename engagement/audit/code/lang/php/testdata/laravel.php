<?php
declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use App\Support\{Str as S, Arr};
use function App\helper;

#[ObservedBy(OrderObserver::class), Final_]
abstract class Order extends \App\Base implements HasMedia, \Countable
{
    use HasFactory, SoftDeletes { restore as undo; }

    const string PAID = 'paid', OPEN = 'open';
    protected static ?string $table = 'orders', $alias;
    public array $casts = ['meta' => 'array', self::PAID => 1, 3 => 'x', ...BASE];
    #[Locked]
    private $with = ['user', 'lines.product']; // napkin: ignore db.overeager

    public function __construct(private readonly \App\Repo $repo, protected int $x = 3, Foo|Bar &...$rest)
    {
        parent::__construct($x);
        static::booted();
        self::$count++;
    }

    public function lines(): HasMany
    {
        return $this->hasMany(Line::class)->where('state', '!=', self::OPEN)->orderBy(column: 'id');
    }

    private static function find(int|string $id = null): ?static
    {
        return (new static)->newQuery()?->find($id)?->first ?: null;
    }
}

interface K extends L, M { public function a(); }
trait T { }
enum Suit: string
{
    case Hearts = 'h';
    const DEFAULT = self::Hearts;
    final public const string X = 'x';
    public function label() { return match($this) { Suit::Hearts, Suit::X => 'a', default => throw new \E("x") }; }
}

return new class(1) extends Migration {
    public function up(): void
    {
        Schema::create('orders', function (Blueprint $table) use ($x, &$y) {
            $table->foreignId('user_id')->constrained();
        });
    }
};

function run(Request $request, ...$ids)
{
    static $cache = [];
    global $app;
    foreach (Order::with(['user', 'lines' => fn ($q) => $q->latest()])->get() as $key => &$order) {
        if ($order->lines()->count() > 0 and !$request->quiet) continue;
        elseif (DB::table('x')->exists()) { break; }
        else if ($a) foo(); else { bar(...$ids); }
    }
    foreach ($rows as [$a, 'k' => $b]) echo $a, $b;
    for ($i = 0, $j = 1; $i < count($xs); $i++, $j--) { $xs[] = $xs[$i]['k']; }
    while ($row = $stmt->fetch()) { $out .= "row $row->id {$row->name} ${x} $row[0]\n\$"; }
    do { $n = $n ?? 1; } while ($n <> 3);
    switch ($kind) { case 1: case 2: a(); break; default: b(); }
    try { Http::timeout(3)->get($url, [...$params]); }
    catch (A | \B $e) { report($e); }
    finally { @fclose($h); }
    [$a, , $b] = list('x' => $c) = explode(',', (string) $s);
    $sql = <<<SQL
      SELECT * FROM orders
      WHERE id = {$id} AND n = $n
      SQL;
    $raw = <<<'EOT'
      $raw
      EOT;
    $f = static function (): int { yield $k => 1; return strlen(...); };
    $o->$name = $o->{$m . 'x'}(1)(2);
    $c = new $class; $d = new (foo())(1); $g = $cls::make(); $h = Foo::{$a}();
    $i = $a instanceof Foo ? clone $a : [1, 2];
    unset($a['x'], $b); include 'a.php'; print namespace\foo(\strlen('it\'s'));
    $isset = isset($a) && !empty($b) || $c xor true;
    exit(1);
}
