<?php

namespace App\Jobs;

use App\Services\Fetcher;
use Illuminate\Contracts\Queue\ShouldQueue;

class FetchAvatar implements ShouldQueue
{
    public $tries = 3; // want: job.no-timeout

    public function handle()
    {
        Fetcher::avatar($this->url);
    }
}
