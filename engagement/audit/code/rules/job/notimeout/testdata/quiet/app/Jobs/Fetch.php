<?php

namespace App\Jobs;

use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Support\Facades\Http;

class Fetch implements ShouldQueue
{
    public $timeout = 30;

    public function handle()
    {
        Http::get('https://example.com');
    }
}

class Local implements ShouldQueue
{
    public function handle()
    {
        Order::find(1)->close();
    }
}

class Controller
{
    public function handle()
    {
        Http::get('https://example.com');
    }
}
