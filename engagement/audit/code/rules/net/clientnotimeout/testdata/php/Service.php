<?php

namespace App\Services;

use GuzzleHttp\Client;
use GuzzleHttp\RequestOptions;

class Service
{
    private Client $client;

    public function __construct()
    {
        $this->client = new Client(['base_uri' => 'https://a.example']); // want: net.client-no-timeout
    }

    public function bounded()
    {
        return new Client([RequestOptions::TIMEOUT => 5]);
    }

    public function passed(array $config)
    {
        return new Client($config);
    }

    public function curl($url)
    {
        $ch = curl_init($url); // want: net.client-no-timeout
        return curl_exec($ch);
    }

    public function curlBounded($url)
    {
        $ch = curl_init($url);
        curl_setopt_array($ch, [CURLOPT_URL => $url, CURLOPT_TIMEOUT => 5]);
        return curl_exec($ch);
    }

    public function read($path)
    {
        file_get_contents($path);
        return file_get_contents('https://a.example/feed'); // want: net.client-no-timeout
    }
}
