<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\SoftDeletes;

class Grower extends Model
{
    use SoftDeletes;

    public function leave(Grower $grower)
    {
        $grower->delete();
    }
}
