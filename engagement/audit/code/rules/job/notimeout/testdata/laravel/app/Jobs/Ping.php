<?php

namespace App\Jobs;

use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Support\Facades\Http;

class Ping implements ShouldQueue
{
    public function handle() // want: job.no-timeout
    {
        Http::withHeaders(['a' => 'b'])->post('https://example.com');
    }
}
