<?php

namespace App\Http;

use GuzzleHttp\Client;

class Login
{
    public function trusted()
    {
        return new Client(['timeout' => config('shop.http.timeout'), 'connect_timeout' => config('shop.http.connect')]);
    }

    public function open()
    {
        return new Client(['verify' => true]); // want: net.client-no-timeout
    }
}
