<?php

namespace App\Services;

use Illuminate\Support\Facades\Redis;

class Feed
{
    public function all()
    {
        return Redis::zrevrange('feed:public', 0, -1); // want: cache.redis-keys
    }
}
