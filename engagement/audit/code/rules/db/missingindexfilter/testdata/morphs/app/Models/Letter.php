<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Letter extends Model
{
    public function scans()
    {
        return $this->morphMany(Scan::class, 'scannable', 'kind_of_owner');
    }
}
