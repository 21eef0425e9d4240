<?php

namespace App\Services;

use Illuminate\Support\Facades\Http;

class Fetcher
{
    public static function avatar($url)
    {
        return self::load($url);
    }

    public static function load($url)
    {
        return Http::get($url)->body();
    }
}
