<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Post extends Model
{
    public static function slugs()
    {
        Post::where('draft', true)->pluck('slug');
        Post::where('draft', true)->with('user')->get()->pluck('slug');
        return Post::where('draft', true)->get()->pluck('slug'); // want: db.load-for-ids
    }
}
